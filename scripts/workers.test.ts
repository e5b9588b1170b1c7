import { expect, setDefaultTimeout, test } from "bun:test";
import { describeWith, hasPart } from "../lib/core/testing.ts";
import { alone, mishandle, notOnce, scene, studyText } from "./workers.fixture.ts";

setDefaultTimeout(120_000);

describeWith(hasPart("unshare") ? "redis" : "unshare", "workers on other machines", () => {
  test("a study comes out the same when workers are killed and frozen, the server forgets all, and its driver dies", async () => {
    await using at = await scene(studyText(5, false));
    const shared = await mishandle(at, 5, 6_000);
    expect(notOnce(at, "shared")).toEqual([]);
    expect(JSON.parse(shared)).toEqual(JSON.parse(await alone(at)));
    expect(at.rows("shared", "SELECT * FROM leases")).toEqual([]);
  });
});
