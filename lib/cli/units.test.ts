import { expect, test } from "bun:test";
import { Fault } from "../core/fault.ts";
import type { Output } from "./output.ts";
import { reportUnits } from "./units.ts";

test("U10: equal faults are one line with their count, and others have lines of their own", () => {
  const said: string[] = [];
  const out: Output = {
    ...{ json: true, quiet: true, emit: () => undefined, text: () => undefined },
    say: (line) => said.push(line),
    warn: (line) => said.push(line),
    end: async () => undefined,
  };
  using units = reportUnits(out, { doing: "running", did: "run" });
  const gone = () => new Fault("engine_gone", "the engine is gone", { hint: "look" });
  for (let pair = 2; pair < 227; pair++)
    units.done({ key: `r/a/task1/features_1_${pair}`, fault: gone() });
  units.done({
    key: "r/a/task1/features_2_3",
    fault: new Fault("disk_full", "no space", { hint: "look" }),
  });
  expect(units.close()).toBe(226);
  expect(said).toHaveLength(3);
  expect(said[0]).toStartWith(
    "r/a/task1/features_1_2 and 224 more: the engine is gone [engine_gone] → ",
  );
  expect(said[1]).toStartWith("r/a/task1/features_2_3: no space [disk_full] → ");
  expect(said[2]).toBe("0 run, 0 run before, 226 faults");
});
