// Owns how the demo ends: one table, a finding, and the line that opens the pages.
import type { Ledger } from "../../db/ledger.ts";
import { DEFAULT_LEDGER } from "../core/vocabulary.ts";
import { wrapped } from "../core/wrap.ts";
import { DEMO_REPO } from "../dataset/read.ts";
import { findingText } from "../report/finding.ts";
import type { ReportLine } from "../report/line.ts";
import { renderSheet } from "../report/table.ts";
import { reportTables } from "../stages/report.ts";
import { terminalOf } from "./terminal.ts";

type End = {
  readonly ledger: Ledger;
  readonly runs: readonly { readonly run: string; readonly what: string }[];
  readonly places: { readonly ledger: string; readonly "log-dir": string };
  readonly signal: AbortSignal;
};

/** Who is compared: the runs of one agent and model alone and together. */
const COMPARED = {
  runs: ["demo-solo", "demo-coop"],
  names: { a: "one agent with both features", b: "two agents with one feature each" },
};
const NUMBERS = ["pairs", "passed", "conflicts", "messages"] as const;
const WIDTH = 80;

/** The end of the demo as text for standard output, whatever that is. */
export async function demoEnd({ ledger, runs, places, signal }: End): Promise<string> {
  const { width = WIDTH, color } = terminalOf(process.stdout);
  const read = async (part: string, names: readonly string[]) => {
    const select = { runs: names, repo: DEMO_REPO, parts: [part], signal };
    const [table] = await reportTables({ ledger, log_dir: places["log-dir"] }, select);
    return table?.rows ?? [];
  };
  const lines = new Map(
    (
      await read(
        "runs",
        runs.map(({ run }) => run),
      )
    ).map((line) => [line.run, line]),
  );
  const rows = runs.flatMap(({ run, what }) => {
    const line = lines.get(run);
    return line === undefined ? [] : [[run, what, ...NUMBERS.map((name) => cell(line, name))]];
  });
  const columns = [
    ...["run", "what took part"].map((name) => ({ name, align: "left" as const })),
    ...NUMBERS.map((name) => ({ name, align: "right" as const })),
  ];
  const sheet = { name: "demo", title: "", labels: ["run"], columns, rows, notes: [] };
  const [compared] = await read("comparisons", COMPARED.runs);
  const finding = compared && findingText(compared, COMPARED.names);
  const next = `See every pair, message and patch as pages: ${viewCommand(places)}`;
  const prose = [finding ?? "", next].filter((text) => text !== "");
  return [
    renderSheet(sheet, { width, color }),
    ...prose.map((text) => `${wrapped(text, width).join("\n")}\n`),
  ].join("\n");
}

/** Conflicts of who works alone are unknown, as everywhere. */
function cell(line: ReportLine, name: (typeof NUMBERS)[number]): string {
  const isUnknown = name === "conflicts" && line.conflict_rate === null;
  return isUnknown ? "n/a" : String(line[name] ?? "n/a");
}

function viewCommand(places: End["places"]): string {
  const ledger =
    places.ledger === (process.env.TANDEM_LEDGER || DEFAULT_LEDGER)
      ? ""
      : ` --ledger ${places.ledger}`;
  const logs =
    places["log-dir"] === (process.env.TANDEM_LOG_DIR || "logs")
      ? ""
      : ` --log-dir ${places["log-dir"]}`;
  return `npx tandem view${ledger}${logs}`;
}
