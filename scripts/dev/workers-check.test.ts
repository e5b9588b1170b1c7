import { expect, setDefaultTimeout, test } from "bun:test";
import { alone, mishandle, notOnce, scene, studyText } from "../workers.fixture.ts";

setDefaultTimeout(20 * 60_000);

const wanted = process.env.TANDEM_WORKERS === "1";
if (!wanted) test.skip("workers for some minutes: bun run workers:check", () => {});

test.if(wanted)("30 attempts, with a worker that stands still for a minute", async () => {
  await using at = await scene(studyText(10, true));
  const shared = await mishandle(at, 30, 60_000);
  expect(notOnce(at, "shared")).toEqual([]);
  expect(JSON.parse(shared)).toEqual(JSON.parse(await alone(at)));
  expect(at.rows("shared", "SELECT * FROM leases")).toEqual([]);
});
