import { describe, expect, test } from "bun:test";
import { type ChatTurn, NO_USAGE, type Usage } from "./model.ts";
import { sealRequest } from "./request.ts";
import { charactersOf, PromptWatch } from "./window.ts";

/** What a server tells of a conversation; `n` counts requests from 1, `added` is the newest turns' length in characters. */
type Server = (characters: number, n: number, added: number) => Partial<Usage> | null;
type Shape = { readonly first: number; readonly added: number; readonly requests: number };

const SHAPE: Shape = { first: 8_000, added: 1_200, requests: 24 };
const tokens = (characters: number, per_token = 4) => Math.ceil(characters / per_token);

/** A conversation of that shape, asked of the server: the requests at which a window showed, and the windows. */
function converse(server: Server, shape: Partial<Shape> = {}) {
  const { first, added, requests } = { ...SHAPE, ...shape };
  const watch = new PromptWatch();
  const turns: ChatTurn[] = [
    { role: "system", content: "s".repeat(first / 2) },
    { role: "user", content: "u".repeat(first / 2) },
  ];
  const shown: [request: number, window_tokens: number][] = [];
  for (let n = 1; n <= requests; n++) {
    const told = server(charactersOf(turns), n, added);
    const usage = told && { ...NO_USAGE, ...told };
    const request = { turns, tools: [], purpose: "step" } as const;
    const window = watch.answered(sealRequest(request, {}), usage);
    if (window !== undefined) shown.push([n, window]);
    turns.push({ role: "assistant", content: `${n}`, tool_calls: [] });
    turns.push({ role: "user", content: "o".repeat(added) });
  }
  return shown;
}

/** llama.cpp drops half of what is behind the kept, in blocks, until the rest fits. */
const blocks = (characters: number, window: number) => {
  let prompt = tokens(characters);
  while (prompt >= window) prompt -= window / 2;
  return prompt;
};

describe("a window shows", () => {
  const CUT: [name: string, server: Server, window: number, shape: Partial<Shape>][] = [
    ["filled to the token", (c) => ({ input_tokens: Math.min(tokens(c), 4096) }), 4096, {}],
    [
      "filled from the first request on",
      (c) => ({ input_tokens: Math.min(tokens(c), 2048) }),
      2048,
      { first: 16_000 },
    ],
    [
      "filled with whole turns",
      (c) => ({ input_tokens: tokens(c) <= 4096 ? tokens(c) : 4096 - ((tokens(c) * 7) % 300) }),
      4000,
      {},
    ],
    ["emptied by blocks", (c) => ({ input_tokens: blocks(c, 8192) }), 8192, { requests: 60 }],
    [
      "partly from the cache",
      (c) => ({ input_tokens: 96, cache_read_tokens: Math.min(tokens(c), 4096) - 96 }),
      4096,
      {},
    ],
    [
      "told with gaps",
      (c, n) => (n % 3 === 0 ? null : { input_tokens: Math.min(tokens(c), 4096) }),
      4096,
      {},
    ],
    [
      "with long observations",
      (c) => ({ input_tokens: Math.min(tokens(c), 16_384) }),
      16_384,
      { added: 12_000 },
    ],
  ];
  test.each(CUT)("%s", (_, server, window, shape) => {
    const [[, told] = [0, 0]] = converse(server, shape);
    expect(told).toBeWithin(window * 0.94, window * 1.03);
  });

  test("within the few requests that fill a quarter more than it", () => {
    const [[at] = [0]] = converse((c) => ({ input_tokens: Math.min(tokens(c), 4096) }));
    expect(at).toBeWithin(8, 15);
  });

  test("again when the conversation goes on unchanged", () => {
    const shown = converse((c) => ({ input_tokens: Math.min(tokens(c), 4096) }), { requests: 40 });
    expect(shown.length).toBeGreaterThan(1);
  });
});

describe("no window shows", () => {
  const WHOLE: [name: string, server: Server, shape: Partial<Shape>][] = [
    ["in whole prompts", (c) => ({ input_tokens: tokens(c) }), { requests: 60 }],
    ["in unknown usage", () => null, {}],
    ["in counts of nothing", () => ({ output_tokens: 9 }), {}],
    [
      "where cached tokens are counted apart",
      (c, _, added) => ({
        input_tokens: tokens(added),
        cache_read_tokens: tokens(c) - tokens(added),
      }),
      {},
    ],
    [
      "where only what the cache did not hold is counted",
      (c, n, added) => ({ input_tokens: n === 1 ? tokens(c) : tokens(added) }),
      { requests: 60 },
    ],
    [
      "where only long observations are counted",
      (c, n, added) => ({ input_tokens: n === 1 ? tokens(c) : tokens(added) }),
      { added: 7_000 },
    ],
    [
      "where a router changes between tokenizers",
      (c, n) => ({ input_tokens: tokens(c, n % 2 === 0 ? 3 : 4.5) }),
      {},
    ],
    [
      "where a router goes to a sparing tokenizer for good",
      (c, n) => ({ input_tokens: tokens(c, n < 12 ? 3 : 4.5) }),
      { requests: 60 },
    ],
    [
      "where a template leaves out older reasoning once",
      (c, n) => ({ input_tokens: n < 12 ? tokens(c) * 2 : tokens(c) }),
      { requests: 60 },
    ],
    [
      "where observations have few tokens",
      (_, n) => ({ input_tokens: 2_000 + n * 30 }),
      { added: 4_000 },
    ],
    [
      "in small requests",
      (c) => ({ input_tokens: Math.min(tokens(c), 300) }),
      { first: 400, added: 40 },
    ],
    ["in short conversations", () => ({ input_tokens: 4096 }), { requests: 3 }],
  ];
  test.each(WHOLE)("%s", (_, server, shape) => {
    expect(converse(server, shape)).toEqual([]);
  });

  test("after compaction, which shrinks requests and prompts", () => {
    const watch = new PromptWatch();
    const shown: (number | undefined)[] = [];
    for (let era = 1; era <= 4; era++)
      for (let n = 1; n <= 8; n++) {
        const turns: ChatTurn[] = [
          { role: "system", content: "s".repeat(6_000) },
          { role: "user", content: `u summary ${era}` },
          ...Array.from({ length: n }, (_, at) => ({
            role: "user" as const,
            content: `${at}`.padEnd(1_500, "o"),
          })),
        ];
        const usage = { ...NO_USAGE, input_tokens: tokens(charactersOf(turns)) };
        const request = { turns, tools: [], purpose: "step" } as const;
        shown.push(watch.answered(sealRequest(request, {}), usage));
      }
    expect(shown.filter((window) => window !== undefined)).toEqual([]);
  });

  test("in summaries, whose prompts are others", () => {
    const watch = new PromptWatch();
    for (let n = 1; n <= 20; n++) {
      const turns: ChatTurn[] = [{ role: "user", content: "o".repeat(n * 4_000) }];
      const request = { turns, tools: [], purpose: "summary" } as const;
      const usage = { ...NO_USAGE, input_tokens: 4_096 };
      expect(watch.answered(sealRequest(request, {}), usage)).toBeUndefined();
    }
  });
});
