import { describe, expect, test } from "bun:test";
import type { ShownRequest } from "../control/show.ts";
import { passRate } from "../report/rate.ts";
import { arm, look, oneProcess, oneWorker, unit } from "../status/status.fixture.ts";
import type { Status } from "../status/status.ts";
import { html } from "./html.ts";
import { UNDER_WAY_PLACE, underWaySection, withUnderWay } from "./under-way.ts";
import { stateOf, type UnderWay } from "./under-way-tables.ts";

const KEY = "coop-mini/go_chi_task/task26/features_1_2";
const shown = (status: Partial<Status>, more: Partial<UnderWay> = {}) =>
  underWaySection({
    ...{ status: look(status), rates: new Map(), requests: [], last: new Map(), ...more },
  }).text;
const textOf = (page: string) => page.replaceAll(/<[^>]+>/g, " ").replaceAll(/\s+/g, " ");

describe("Live: work under way", () => {
  const passed = Array.from({ length: 20 }, (_, at) => ({ passed: at < 5, fault: false }));
  const CASES: [what: string, page: string, parts: string[]][] = [
    [
      "shows progress, cost and forecast as status has them, and the rate so far as reports define it",
      shown({}, { rates: new Map([["coop-mini", passRate(passed)]]) }),
      [
        ...["312 of 652 done, 300 evaluated", "5 of 20: 25.0 %", "11–47 %"],
        ...["$41.20", "$86.10", "about 2h14m"],
      ],
    ],
    [
      "shows nothing where nothing is known yet",
      shown({ arms: [arm({ forecast_usd: null, eta_ms: null })] }),
      ["$41.20 ? ?"],
    ],
    [
      "shows active pairs with their last step",
      shown({}, { last: new Map([[KEY, "agent2, step 9: go vet ./...\nmore"]]) }),
      ["go_chi_task/task26/features_1_2", "12 + 9", "agent2, step 9: go vet ./... ", "3m12s"],
    ],
    ["says what they do where no step is known", shown({}), ["agent1: go test ./..."]],
    [
      "counts faults by code, and those that wait",
      shown({ arms: [arm({ faults: { engine_gone: 2, no_image: 1 }, waiting: 3 })] }),
      ["engine_gone 2, no_image 1; 3 waiting", "3 open faults"],
    ],
    [
      "shows processes that are gone, and workers",
      shown({ processes: [oneProcess({ presence: "gone" })], workers: [oneWorker()] }),
      ["by 0 processes; 1 worker", "4242", "gone", "3 of 4", "engine_gone 2", "1s ago"],
    ],
  ];
  test.each(CASES)("%s", (_, page, parts) => {
    for (const part of parts) expect(textOf(page)).toContain(part);
  });

  test("of nothing is one sentence", () => {
    const done = arm({ done: 652, evaluated: 652, active: 0, eta_ms: 0 });
    const page = shown({ arms: [done], units: [], processes: [] });
    expect(textOf(page)).toBe(" Under way Nothing is under way. ");
  });

  test("is escaped, and shows what would mislead", () => {
    const doing = "<img src=x onerror=alert(1)> \u202egpj.exe";
    const page = shown({ units: [unit("go_chi_task/task26/features_1_2", { doing })] });
    expect(page).toContain("&lt;img src=x onerror=alert(1)&gt; ⟨U+202E⟩gpj.exe");
    expect(page).not.toContain("<img");
  });

  test("has buttons only for who may steer: those that can be pressed now", () => {
    expect(shown({})).not.toContain("<button");
    const arms = [
      arm({ run: "s-a", paused: "study s is paused (me)" }),
      arm({ run: "s-b", paused: "study s is paused (me)", faults: { no_image: 1 }, waiting: 1 }),
      arm({ run: "alone", cancelled_whole: "run alone is cancelled (me)" }),
      arm({ run: "done", done: 652, active: 0 }),
    ];
    const studies = new Map([
      ["s-a", "s"],
      ["s-b", "s"],
    ]);
    const page = shown({ arms, units: [] }, { steer: { studies, said: [] } });
    const asked = [...page.matchAll(/data-ask="([^"]*)"/g)].map(([, ask = ""]) => {
      const { do: verb, name } = JSON.parse(ask.replaceAll("&quot;", '"'));
      return `${verb} ${name}`;
    });
    expect(asked).toEqual([
      ...["resume s", "concurrency s", "resume s-a", "cancel s-a"],
      ...["resume s-b", "retry s-b", "cancel s-b", "resume alone", "concurrency alone"],
    ]);
  });

  test("keeps its place in a page that is kept, whatever it holds", () => {
    const page = html`<main>${UNDER_WAY_PLACE}</main>`.text;
    expect(withUnderWay(page, html`<p>${"$& $1"}</p>`)).toBe("<main><p>$&amp; $1</p></main>");
  });
});

describe("Live: a request is", () => {
  const at = "2026-01-02T03:04:05.000Z";
  const request = (more: Partial<ShownRequest>): ShownRequest => ({
    ...{ id: 1, at, scope: "study", name: "s", verb: "pause", unit: null, concurrency: null },
    ...{ asked_by: "ada@lab", applied_at: null, holds: true, processes: 0, obeying: 0, ...more },
  });
  const CASES: [fields: Partial<ShownRequest>, state: string][] = [
    [{}, "asked: no process works on it now"],
    [{ processes: 2, obeying: 1, applied_at: at }, "asked: 1 of 2 processes obey"],
    [{ processes: 2, obeying: 2, applied_at: at }, "taken"],
    [{ applied_at: at }, "taken"],
    [{ applied_at: at, holds: false }, "taken; no longer holds"],
    [{ applied_at: at, holds: false, verb: "resume" }, "taken"],
  ];
  test.each(CASES)("%j: %s", (fields, state) => expect(stateOf(request(fields))).toBe(state));

  test("shown with who asked; what was refused here comes first, with why", () => {
    const said = [
      {
        at,
        by: "bob@lab",
        what: "cancel s/<x>",
        state: "refused: it is done, so nothing was asked",
      },
    ];
    const steer = { studies: new Map(), said };
    const page = textOf(shown({}, { requests: [request({ processes: 1, obeying: 1 })], steer }));
    expect(page).toContain("cancel s/&lt;x&gt; refused: it is done, so nothing was asked bob@lab");
    expect(page).toContain("study s is paused taken ada@lab 2026-01-02 03:04:05");
  });
});
