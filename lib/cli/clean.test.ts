import { expect, test } from "bun:test";
import { Fault } from "../core/fault.ts";
import { temporaryFolder } from "../core/testing.ts";
import type { BackendObject, Leftover } from "../sandbox/backend.ts";
import { localBackend } from "../sandbox/local/local.ts";
import { clearAway } from "./clean.ts";
import type { Output } from "./output.ts";

function output() {
  const said: string[] = [];
  const rows: { kind?: string }[] = [];
  const say = (text: string) => void said.push(text);
  const out = { say, warn: say, emit: (row: object) => void rows.push(row) };
  return { said, rows, out: out as unknown as Output };
}

function backendWith(name: string, leftovers: () => Promise<Leftover[]>): BackendObject<object> {
  return {
    ...{ name, leftovers, check: async () => [], networkLine: () => "" },
    open: (_options, place) => localBackend(place),
  };
}

const gone = () => Promise.reject(new Fault("engine_gone", "nobody answers", { hint: "start it" }));

function two(removed: string[]) {
  const left = (id: string): Leftover => ({
    ...{ kind: "machine", id, key: "a-run/pair", owner: "someone", reason: "owner gone" },
    remove: async () => void removed.push(id),
  });
  const row = (name: string, leftovers: () => Promise<Leftover[]>) => ({
    options: {},
    load: async () => backendWith(name, leftovers),
  });
  return { near: row("near", async () => [left("m1")]), far: row("far", gone) };
}

const CASES: [
  backend: string | undefined,
  dry_run: boolean,
  faults: number,
  removed: string[],
  last: string,
][] = [
  [undefined, false, 1, ["m1"], "removed"],
  [undefined, true, 1, [], "would be removed"],
  ["near", false, 0, ["m1"], "removed"],
  ["far", false, 1, [], "removed"],
];
test.each(CASES)("backend %s, dry run %p", async (backend, dry_run, faults, removed, last) => {
  using folder = temporaryFolder();
  const { said, rows, out } = output();
  const gone_now: string[] = [];
  const signal = new AbortController().signal;
  const options = { log_dir: folder.path, all: false, dry_run, backend, out, signal };
  expect(await clearAway(options, two(gone_now))).toBe(faults);
  expect(gone_now).toEqual(removed);
  // What other processes left on this disk meanwhile is cleared away too.
  expect(said.at(-1)).toBe(`${rows.length} ${last}`);
  expect(rows.filter(({ kind }) => kind === "machine")).toHaveLength(backend === "far" ? 0 : 1);
});

test("an unknown backend is named with the nearest", async () => {
  const { out } = output();
  const signal = new AbortController().signal;
  const options = { log_dir: "logs", all: false, dry_run: true, backend: "dokcer", out, signal };
  await expect(clearAway(options)).rejects.toThrow(
    'unknown backend "dokcer": did you mean "docker"?',
  );
});
