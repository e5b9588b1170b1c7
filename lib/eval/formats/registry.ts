// Owns the registry of output formats: for each, the lines that identify it, and the file that it is loaded from when one occurs.
import type { Format, FormatRow } from "./types.ts";

/**
 * `recognises` is a line, clean of colours, without at least one of which the format reads nothing out of an output: a
 * reader is opened for what has one, and what has none does without it.
 */
export const FORMATS = {
  pytest: {
    recognises: /est session starts|^=+ .+ =+$|^(?:\d|no tests ).* in \d|^Results \(|%\]$/,
    proves_sessions: true,
    load: async () => (await import("./pytest.ts")).pytest,
  },
  unittest: {
    recognises: /^\w+ \([\w.]+\)|^Ran \d+ tests? in /,
    load: async () => (await import("./unittest.ts")).unittest,
  },
  go: {
    recognises:
      /=== RUN {3}|--- (?:PASS|FAIL|SKIP): |^(?:ok|FAIL)\s+\S+\s+(?:\(cached\)|\d|\[)|^\{".*"Action":/,
    load: async () => (await import("./gotest-json.ts")).go,
  },
  cargo: {
    recognises: /^test result: |^running \d| (?:Running|Doc-tests) /,
    load: async () => (await import("./cargo.ts")).cargo,
  },
  nextest: {
    recognises: /^ +(?:Starting \d+ tests?|Summary \[)/,
    load: async () => (await import("./nextest.ts")).nextest,
  },
  jest: {
    recognises: /^ ?(?:PASS|FAIL) {1,2}\S|^Test Suites:/,
    load: async () => (await import("./jest.ts")).jest,
  },
  vitest: {
    recognises: /^ (?:RUN|DEV) {1,2}v\d|^ *Test Files {2}/,
    load: async () => (await import("./vitest.ts")).vitest,
  },
  bun: {
    recognises: /^bun test v\d|^Ran \d+ tests? across /,
    load: async () => (await import("./buntest.ts")).bun,
  },
  node: {
    recognises: /^TAP version |^(?:# |ℹ )tests \d|^ *[✔✖﹣] .*ms\)/,
    load: async () => (await import("./nodetest.ts")).node,
  },
  mocha: {
    recognises: /^ {2,}[✔✓] |^ {0,2}\d+ passing \(/,
    load: async () => (await import("./mocha.ts")).mocha,
  },
} as const satisfies Record<string, FormatRow>;

export type Framework = keyof typeof FORMATS;
export const FRAMEWORKS = Object.keys(FORMATS) as Framework[];
export type Formats = Readonly<Record<string, FormatRow>>;

/** The formats that an output has a line of, in the registry's order. */
export class Recognition {
  readonly #unseen: Map<string, FormatRow>;
  readonly #seen = new Set<string>();

  constructor(formats: Formats) {
    this.#unseen = new Map(Object.entries(formats));
  }

  readonly line = (text: string): void => {
    if (text === "") return;
    for (const [name, { recognises }] of this.#unseen)
      if (recognises.test(text)) {
        this.#unseen.delete(name);
        this.#seen.add(name);
      }
  };

  /** Their names. */
  get seen(): ReadonlySet<string> {
    return this.#seen;
  }
}

/** Loads these formats of the registry. */
export async function loadFormats(
  formats: Formats,
  names: ReadonlySet<string> = new Set(Object.keys(formats)),
): Promise<Format[]> {
  const rows = Object.entries(formats).filter(([name]) => names.has(name));
  return await Promise.all(rows.map(([, row]) => row.load()));
}
