// Owns which agents' ends each of the others has been told about: every end once, to everyone.

/** Ends in the order they came, as text; kept by the process that runs the attempt. */
export class Endings {
  private readonly all: { readonly agent_id: string; readonly words: string }[] = [];
  private readonly told = new Map<string, number>();

  add(agent_id: string, words: string): void {
    this.all.push({ agent_id, words });
  }

  /** What this agent has not been told yet; from now on it has. */
  take(reader: string): string[] {
    const fresh = this.all.slice(this.told.get(reader) ?? 0);
    this.told.set(reader, this.all.length);
    return fresh.filter(({ agent_id }) => agent_id !== reader).map(({ words }) => words);
  }
}
