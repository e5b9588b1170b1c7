import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  closeSync,
  copyFileSync,
  cpSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { place } from "./cli.fixture.ts";
import { ended, heldModel, studyPlace, until } from "./faults.fixture.ts";

setDefaultTimeout(180_000);

const study = (defaults: string) => `[pairs]
repo = "demo_task"
limit = 2
[defaults]
${defaults}[arms.solo]
setting = "solo"
[sandbox]
unsafe_local = true
[concurrency]
pairs = 2
`;

const HARM = {
  damaged(path: string) {
    const file = openSync(path, "r+");
    const { size } = statSync(path);
    writeSync(file, new Uint8Array(size).fill(7), 0, size, 0);
    closeSync(file);
  },
  deleted: (path: string) => rmSync(path),
  replaced(path: string) {
    copyFileSync(path, `${path}.copy`);
    renameSync(`${path}.copy`, path);
  },
} as const;
const GONE = ["deleted", "replaced"] as const;
const HARMS = ["damaged", "deleted", "replaced"] as const;

describe("S8: a study whose ledger goes", () => {
  test.each(["deleted", "replaced"] as const)(
    "%s: it begins nothing more, and says why",
    async (harm) => {
      await using model = heldModel({ holds: () => true });
      await using here = studyPlace(study(model.defaults));
      const child = here.start();
      await until(() => model.waiting().length === 2);
      HARM[harm](here.at("ledger.sqlite"));
      model.letGo();
      const { code, stderr } = await ended(child);
      expect(code).toBe(1);
      expect(stderr).toContain(
        `was ${harm} while it was open [ledger_unreadable] → stop whatever else uses it`,
      );
      expect(stderr).not.toContain("[internal]");
    },
  );
});

describe("S8: scripts that only look", () => {
  const once = place();
  afterAll(() => once[Symbol.dispose]());
  beforeAll(async () => {
    const args = ["-n", "x", "-a", "gold", "-r", "demo_task", "--unsafe-local"];
    // Apart: with its process, all of the ledger is in its file.
    expect((await once.apart("run-pair", args)).code).toBe(0);
  });

  /** A ledger with ten attempts, all of it in its file. */
  function looked() {
    const here = place();
    cpSync(once.path, here.path, { recursive: true });
    return here;
  }
  const firstLine = async ({ stdout }: { readonly stdout: ReadableStream<Uint8Array> }) => {
    const reader = stdout.getReader();
    const { value } = await reader.read();
    reader.releaseLock();
    return new TextDecoder().decode(value).split("\n")[0] ?? "";
  };

  test.each(HARMS)("view of a ledger that was %s goes on, and its pages say so", async (harm) => {
    using here = looked();
    const places = ["--ledger", here.at("ledger.sqlite"), "--log-dir", here.at("logs")];
    const child = Bun.spawn(
      ["bun", join(import.meta.dir, "view.ts"), "--json", "--port", "0", ...places],
      { stdout: "pipe", stderr: "pipe" },
    );
    const { url } = JSON.parse(await firstLine(child));
    HARM[harm](here.at("ledger.sqlite"));
    // It looks for changes once a second.
    const look = () => fetch(`${url}pairs.html`);
    await until(async () => (await look()).status !== 200);
    const answer = await look();
    expect({ status: answer.status, text: await answer.text() }).toEqual({
      status: 500,
      text: expect.stringContaining("[ledger_unreadable]"),
    });
    expect(child.exitCode).toBeNull();
    child.kill("SIGTERM");
    expect(await child.exited).toBe(130);
  });

  // What is damaged where nothing changed is not read again.
  test.each(GONE)("status --watch of a ledger that was %s ends with that", async (harm) => {
    using here = looked();
    const child = here.start("status", ["--watch", "--json", "--interval", "0.2"]);
    await firstLine(child);
    HARM[harm](here.at("ledger.sqlite"));
    const [stderr, code] = await Promise.all([new Response(child.stderr).text(), child.exited]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining("[ledger_unreadable]"),
    });
  });

  test.each(["report", "check-ledger", "merge", "status"])(
    "%s of a damaged ledger",
    async (script) => {
      using here = looked();
      HARM.damaged(here.at("ledger.sqlite"));
      const { code, stderr } = await here.call(script, []);
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: expect.stringContaining("[ledger_unreadable]"),
      });
    },
  );
});
