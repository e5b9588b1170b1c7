import { expect, setDefaultTimeout, test } from "bun:test";
import { checkDataset, type Finding } from "../engine/check.ts";
import { joinEngine, sandboxesOf } from "../engine/places.ts";
import { taskFinder } from "../select/task-files.ts";
import { workersPlace } from "./agents.fixture.ts";

setDefaultTimeout(120_000);

test("18: checks of a dataset are suites at other processes, and found here", async () => {
  await using place = workersPlace({ workers: 2 });
  const { ledger, way } = place;
  const places = { ledger, log_dir: place.at("logs"), dataset_dir: place.at("dataset") };
  const task = taskFinder(ledger, places.dataset_dir)("demo_task/task1/features_1_2");
  const findings: Finding[] = [];
  using engine = joinEngine({ ...places, place: way.place }, "check-dataset");
  const left = await checkDataset(engine, {
    backend: await sandboxesOf(places, { unsafe_local: true }),
    tasks: [{ task, features: ledger.dataset.featuresAt(task).slice(0, 1) }],
    ...{ timeout_ms: 60_000, suites: 2, force: false, repeat: 1 },
    on_unit: (finding) => findings.push(finding),
  });
  expect(left).toBe(0);
  const found = findings.map((one) => [one.kind, "fault" in one ? one.fault.message : one.good]);
  expect(found.toSorted()).toEqual([
    ["combined", true],
    ["gold", true],
    ["tests alone", true],
  ]);
  expect(way.kinds).toEqual(["suite", "suite", "suite"]);
  expect(ledger.query("SELECT count(*) AS n FROM suite_results")).toEqual([{ n: 3 }]);
});
