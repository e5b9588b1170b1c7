import { expect, test } from "bun:test";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { openLedger } from "../../db/ledger.ts";
import { ownerTag } from "../core/owner.ts";
import { deadOwnerTag, temporaryFolder } from "../core/testing.ts";
import { joinWork } from "./places.ts";

test("joining and leaving remove scratch folders of killed calls from the logs and their cache, not those of the living", () => {
  using folder = temporaryFolder();
  using ledger = openLedger(":memory:");
  const leave = (tag: string) => {
    const places = [".tmp", ".cache/.tmp"];
    const paths = places.map((place) => join(folder.path, place, `${tag}-1-base`));
    for (const path of paths) mkdirSync(join(path, "base.git"), { recursive: true });
    return paths;
  };
  const [before, living] = [leave(deadOwnerTag()), leave(ownerTag())];
  const joined = joinWork({ ledger, log_dir: folder.path }, "test");
  expect(before.map((path) => existsSync(path))).toEqual([false, false]);
  const meanwhile = leave(deadOwnerTag());
  joined[Symbol.dispose]();
  expect(meanwhile.map((path) => existsSync(path))).toEqual([false, false]);
  expect(living.map((path) => existsSync(path))).toEqual([true, true]);
});
