// Owns keeping a bounded part of a command's output: its head and its tail.

/** Collects bytes up to a limit; beyond it the first and the last halves stay. */
export class BoundedOutput {
  private readonly half: number;
  private readonly head: Uint8Array[] = [];
  private tail: Uint8Array[] = [];
  private headBytes = 0;
  private tailBytes = 0;
  private total = 0;

  constructor(max_bytes: number) {
    this.half = Math.max(1, Math.floor(max_bytes / 2));
  }

  add(chunk: Uint8Array): void {
    this.total += chunk.length;
    const room = this.half - this.headBytes;
    if (room > 0) {
      this.head.push(new Uint8Array(chunk.subarray(0, room)));
      this.headBytes += Math.min(room, chunk.length);
    }
    if (chunk.length > room) this.addTail(new Uint8Array(chunk.subarray(Math.max(0, room))));
  }

  private addTail(chunk: Uint8Array): void {
    this.tail.push(chunk);
    this.tailBytes += chunk.length;
    // Compact only when twice the limit is held, so that many small chunks stay cheap.
    if (this.tailBytes <= this.half * 2) return;
    const kept = Buffer.concat(this.tail).subarray(-this.half);
    this.tail = [Buffer.from(kept)];
    this.tailBytes = kept.length;
  }

  /** The bytes kept and how many were left out between head and tail. */
  result(): { output: Uint8Array; dropped_bytes: number } {
    const tail = Buffer.concat(this.tail).subarray(-this.half);
    const dropped_bytes = this.total - this.headBytes - tail.length;
    if (dropped_bytes === 0) return { output: Buffer.concat([...this.head, tail]), dropped_bytes };
    const note = Buffer.from(`\n[... ${dropped_bytes} bytes left out ...]\n`);
    return { output: Buffer.concat([...this.head, note, tail]), dropped_bytes };
  }
}
