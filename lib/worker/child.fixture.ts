// Owns a process for tests that performs one errand after another: all that it has comes in messages of JSON.

import { carriedAsFault, carryFault } from "../errands/carry.ts";
import type { Json, Site } from "../errands/errand.ts";
import { openWorkshop } from "../errands/workshop.ts";
import { performErrand } from "./registry.ts";

/** What goes to the process, and what comes from it; bytes are base64. */
export type ToChild =
  | { readonly kind: "perform"; readonly errand: string; readonly input: Json }
  | { readonly kind: "reply"; readonly id: number; readonly value: Json }
  | { readonly kind: "refusal"; readonly id: number; readonly fault: Json };
export type FromChild =
  | { readonly kind: "ask" | "get" | "put"; readonly id: number; readonly about: Json }
  | { readonly kind: "say"; readonly progress: Json }
  | { readonly kind: "made"; readonly output: Json }
  | { readonly kind: "broken"; readonly fault: Json };

const [, , folder = ""] = process.argv;
const shop = openWorkshop({ folder });
const waiting = new Map<number, PromiseWithResolvers<Json>>();
let count = 0;

const tell = (message: FromChild) => void process.send?.(message);
const asked = (kind: "ask" | "get" | "put", about: Json): Promise<Json> => {
  const place = Promise.withResolvers<Json>();
  waiting.set(++count, place);
  tell({ kind, id: count, about });
  return place.promise;
};
const site: Site = {
  ...shop,
  signal: new AbortController().signal,
  say: (progress) => tell({ kind: "say", progress: progress as unknown as Json }),
  ask: (topic, body) => asked("ask", [topic, body]),
  blobs: {
    get: async (hash) => Buffer.from(String(await asked("get", hash)), "base64"),
    put: async (bytes) => String(await asked("put", Buffer.from(bytes).toString("base64"))),
  },
};

process.on("message", async (message: ToChild) => {
  if (message.kind === "reply") return waiting.get(message.id)?.resolve(message.value);
  if (message.kind === "refusal") {
    const fault = message.fault as ReturnType<typeof carryFault>;
    return waiting.get(message.id)?.reject(carriedAsFault(fault));
  }
  try {
    tell({ kind: "made", output: await performErrand(message.errand, message.input, site) });
  } catch (error) {
    tell({ kind: "broken", fault: carryFault(error) });
  }
});
