// Owns the overview's tables of what its numbers rest on: configurations, versions, dataset, images, price tables.
import type { RunRow } from "../../db/schema.ts";
import { TANDEM_VERSION } from "../core/versions.ts";
import type { ArmedSite } from "./arms.ts";
import { type Html, html, type Slot } from "./html.ts";
import { moment, shortHash } from "./numbers.ts";
import type { Section } from "./overview-runs.ts";
import { table } from "./parts.ts";
import { SOURCES, type Source, sourceNote } from "./source.ts";

/** What the numbers rest on: configurations, versions, dataset, images, price tables. */
export function provenanceSection(site: ArmedSite): Section {
  const { runs, arms, environments, prices, policy, editions, servers } = site;
  const pricesOf = Map.groupBy(prices, ({ run }) => run);
  const runTable = table({
    caption: `Frozen configuration of each ${arms === undefined ? "run" : "arm's runs"}`,
    columns: [
      arms === undefined ? "run" : "arm",
      "made",
      "dataset",
      "edition",
      "configuration",
      "prices",
      "Tandem",
      "Bun",
      "git",
      "backend",
      "limits",
    ].map((title) => ({ title })),
    rows: runs.map((one) => {
      const own = arms?.get(one.name) ?? [one];
      const of = (write: (run: RunRow) => string) => several(own.map(({ run }) => write(run)));
      const used = own.flatMap(({ name }) =>
        (pricesOf.get(name) ?? []).flatMap((row) => row.prices ?? []),
      );
      return [
        one.name,
        of(({ created_at }) => moment(created_at)),
        hashes(own.map(({ run }) => run.dataset_hash)),
        several(own.flatMap(({ name }) => editions.get(name) ?? [])),
        hashes(own.map(({ run }) => run.config_hash)),
        used.length === 0 ? "none used" : several(used),
        of(({ tandem_version }) => tandem_version),
        of(({ bun_version }) => bun_version),
        of(({ git_version }) => git_version),
        of(({ config }) => setting(config, "backend")),
        of(({ config }) => limits(config)),
      ];
    }),
  });
  const images =
    environments.length === 0
      ? html`<p>No suite was run: no environment to name.</p>`
      : html`<details><summary>Environments of the suites (${environments.length})</summary>${table({ caption: "Where suites ran: the image's digest, or the hash that stands for it", columns: [{ title: "repository" }, { title: "task", number: true }, { title: "environment" }], rows: environments.map(({ repo, task_id, environment }) => [repo, String(task_id), html`<code>${environment}</code>`]) })}</details>`;
  const sources: Source[] = [SOURCES.runs, SOURCES.prices, SOURCES.environments];
  return {
    id: "rests-on",
    title: "What this rests on",
    body: html`<p>Scored under the policy <b>${policy}</b>. Page written by Tandem ${TANDEM_VERSION}.</p>${servers.map((note) => html`<p>${note}</p>`)}${runTable}${images}${sourceNote(sources)}`,
  };
}

/** All distinct ones of a few; of many the first and the last, and how many there are. */
function several(values: readonly string[]): string {
  const all = [...new Set(values)].sort();
  const [first = "–"] = all;
  return all.length <= 2 ? all.join(", ") : `${first} … ${all.at(-1)} (${all.length} different)`;
}

function hashes(values: readonly string[]): Slot {
  const [first, ...more] = new Set(values);
  if (first === undefined) return "–";
  return more.length === 0 ? hash(first) : `${more.length + 1} different`;
}

function hash(value: string): Html {
  return html`<code title="${value}">${shortHash(value)}</code>`;
}

function setting(config: Readonly<Record<string, unknown>>, name: string): string {
  const value = config[name];
  return value === null || value === undefined ? "–" : String(value);
}

function limits(config: Readonly<Record<string, unknown>>): string {
  return `${setting(config, "max_steps")} steps, $${setting(config, "max_cost_usd")} per agent`;
}
