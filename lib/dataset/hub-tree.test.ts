import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { temporaryFolder } from "../core/testing.ts";
import {
  COMMIT,
  download,
  fault,
  filesIn,
  first,
  REPO,
  resolved,
  startHub,
  TOKEN,
  TREE,
} from "./hub.fixture.ts";

describe("a listing", () => {
  const hostile = [
    "../x",
    "a_task/../../x",
    "/etc/x",
    "a_task\\..\\x",
    "dataset/../x",
    "a_task//x",
  ];
  const more = ["a_task/\ud800", "C:/x", "a_task/./x", "a_task/x\0", "dataset//x_task/y"];
  test.each([...hostile, ...more])(
    "with %j is refused before anything is written",
    async (path) => {
      using hub = startHub({ ...TREE, [path]: "evil" });
      using folder = temporaryFolder();
      const { error } = await download(hub, join(folder.path, "inner"));
      expect(fault(error).code).toBe("dataset_invalid");
      expect(filesIn(folder.path)).toEqual([]);
      expect(resolved(hub)).toEqual([]);
    },
  );

  test.each([
    ["without a task", { "data/train.parquet": "x", "README.md": "x" }, "no *_task folder"],
    [
      "with a file that is a folder too",
      { "a_task/x": "1", "a_task/x/y": "2" },
      "as a file and as a folder",
    ],
    [
      "with a folder that is a part",
      { "a_task/x": "1", "a_task/x.part/y": "2" },
      "as a file and as a folder",
    ],
    ["with a .part", { "a_task/x": "1", "a_task/x.part": "2" }, "a_task/x.part"],
  ])("%s is refused", async (_, tree, words) => {
    using hub = startHub(tree);
    using folder = temporaryFolder();
    const { error } = await download(hub, folder.path);
    expect(fault(error).code).toBe("dataset_invalid");
    expect(fault(error).message).toContain(words);
  });

  test("page on another host gets no token", async () => {
    using other = startHub(TREE);
    const link = `<${other.url}api/datasets/${REPO}/tree/${COMMIT}>; rel="next"`;
    const page = () => Response.json([], { headers: { link } });
    using hub = startHub(TREE, { token: TOKEN, answer: first("/tree/", page) });
    using folder = temporaryFolder();
    const { error } = await download(hub, folder.path, { token: TOKEN });
    expect(error).toBeUndefined();
    expect(other.seen.map((one) => one.authorization)).toEqual([null]);
  });
});
