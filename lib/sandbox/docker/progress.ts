// Owns reading the JSON lines in which an engine reports events, pulls and builds.
import { StringDecoder } from "node:string_decoder";
import { z } from "zod";

const Line = z.looseObject({
  /** Of a container (events) or a layer (pulls). */
  id: z.string().optional(),
  status: z.string().optional(),
  /** What a build prints. */
  stream: z.string().optional(),
  error: z.string().optional(),
  progressDetail: z
    .looseObject({ current: z.number().optional(), total: z.number().optional() })
    .nullish(),
});
export type EngineLine = z.infer<typeof Line>;

/** The lines of a stream as they come. Throws what the stream throws, SyntaxError or ZodError for anything else. */
export async function* jsonLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<EngineLine> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.write(Buffer.from(chunk))).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") yield Line.parse(JSON.parse(line));
  }
  if (rest.trim() !== "") yield Line.parse(JSON.parse(rest));
}
