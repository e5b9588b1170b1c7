// Owns putting OpenRouter's streamed reasoning together, so that it can go back as it came.
import { z } from "zod";

/** Type, index, and one of text, summary or data; other fields (id, format, signature) are kept unread. */
const detail = z.record(z.string(), z.json());
export const reasoningDetails = z.array(detail);
export type ReasoningDetail = z.infer<typeof detail>;

const STREAMED: ReadonlySet<string> = new Set(["text", "summary", "data"]);

/** Pieces of one block (same type and index, one after the other) as that block. */
export function mergeDetails(pieces: readonly ReasoningDetail[]): ReasoningDetail[] {
  const blocks: ReasoningDetail[] = [];
  for (const piece of pieces) {
    const last = blocks.at(-1);
    const goesOn = last && last.type === piece.type && last.index === piece.index;
    if (goesOn) blocks.splice(-1, 1, joined(last, piece));
    else blocks.push(piece);
  }
  return blocks;
}

function joined(block: ReasoningDetail, piece: ReasoningDetail): ReasoningDetail {
  const fields = Object.entries(piece).filter(([, value]) => value !== null);
  const together = fields.map(([key, value]) => {
    const before = block[key];
    const grows = STREAMED.has(key) && typeof before === "string" && typeof value === "string";
    return [key, grows ? before + value : value] as const;
  });
  return { ...block, ...Object.fromEntries(together) };
}
