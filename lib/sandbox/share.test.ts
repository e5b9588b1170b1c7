import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { findLeftFolders } from "../core/left-folders.ts";
import { openLocalShare } from "./local/share.ts";
import { checkedAgentIds, mountsOf } from "./share.ts";

const request = (...agent_ids: string[]) => ({ label: "a-run/small_task/task1.team", agent_ids });

describe("names", () => {
  test.each([["agent1"], ["a"], ["Team_2-x"]])("%p can be an agent's", (id) => {
    expect(checkedAgentIds(["agent9", id])).toEqual(["agent9", id]);
  });
  test.each([
    [""],
    ["a b"],
    ["../x"],
    ["a/b"],
    ["-x"],
    [".x"],
    ["x'"],
    ["agent9"],
    ["x".repeat(65)],
  ])("%p cannot be a second agent's", (id) => {
    expect(() => checkedAgentIds(["agent9", id])).toThrow(RangeError);
  });
});

test("only its own folder is writable for an agent", async () => {
  await using share = await openLocalShare(request("agent1", "agent2", "agent3"));
  const writable = mountsOf({ share, agent_id: "agent2" }).map((mount) => mount.writable);
  expect(writable).toEqual([false, true, false]);
  expect(() => mountsOf({ share, agent_id: "agent4" })).toThrow(RangeError);
  expect(mountsOf(undefined)).toEqual([]);
});

describe("local folders", () => {
  test("are empty, and gone after disposal with what was put into them", async () => {
    const share = await openLocalShare(request("agent1", "agent2"));
    const paths = share.folders.map(({ path }) => path);
    expect(paths.map((path) => readdirSync(path))).toEqual([[], []]);
    await Bun.write(join(paths[0] ?? "", "branch"), "x");
    await share[Symbol.asyncDispose]();
    expect(paths.map((path) => existsSync(dirname(path)))).toEqual([false, false]);
  });

  test("are not made after an abort, nor for a name that cannot be", async () => {
    const stop = new AbortController();
    stop.abort(new Error("enough"));
    await expect(openLocalShare({ ...request("agent1"), signal: stop.signal })).rejects.toThrow(
      "enough",
    );
    await expect(openLocalShare(request("../x"))).rejects.toThrow(RangeError);
  });

  test("of a process that was killed are found, and gone with the next share", async () => {
    const script = `
      const { openLocalShare } = await import(${JSON.stringify(join(import.meta.dir, "local/share.ts"))});
      const share = await openLocalShare(${JSON.stringify(request("agent1"))});
      console.log(share.folders[0].path);
      setInterval(() => undefined, 1000);`;
    const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
    const { value } = await child.stdout.getReader().read();
    child.kill("SIGKILL");
    await child.exited;
    const folder = dirname(
      Buffer.from(value ?? "")
        .toString()
        .trim(),
    );
    expect(findLeftFolders([]).map(({ id }) => id)).toContain(folder);
    await using _next = await openLocalShare(request("agent1"));
    expect(existsSync(folder)).toBe(false);
  });
});
