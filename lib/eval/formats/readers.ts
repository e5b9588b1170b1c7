// Owns the table of readers: one row per framework whose output is understood.
import { BunReader } from "./buntest.ts";
import { CargoReader } from "./cargo.ts";
import { GoEventsReader } from "./gotest-json.ts";
import { JestReader } from "./jest.ts";
import { MochaReader } from "./mocha.ts";
import { NextestReader } from "./nextest.ts";
import { NodeReader } from "./nodetest.ts";
import { PytestReader } from "./pytest.ts";
import type { Reader } from "./types.ts";
import { UnittestReader } from "./unittest.ts";
import { VitestReader } from "./vitest.ts";

/** What is known of an output before it is read. */
export type Origin = {
  /** Made with `-v` in GOFLAGS: a Go package that names no test ran none. */
  readonly go_verbose?: boolean;
};

const READERS = {
  pytest: () => new PytestReader(),
  unittest: () => new UnittestReader(),
  go: ({ go_verbose = false }) => new GoEventsReader(go_verbose),
  cargo: () => new CargoReader(),
  nextest: () => new NextestReader(),
  jest: () => new JestReader(),
  vitest: () => new VitestReader(),
  bun: () => new BunReader(),
  node: () => new NodeReader(),
  mocha: () => new MochaReader(),
} as const satisfies Record<string, (origin: Origin) => Reader>;

export type Framework = keyof typeof READERS;
export const FRAMEWORKS = Object.keys(READERS) as Framework[];

/** A fresh reader for each framework. */
export function openReaders(origin: Origin): { framework: Framework; reader: Reader }[] {
  return FRAMEWORKS.map((framework) => ({ framework, reader: READERS[framework](origin) }));
}
