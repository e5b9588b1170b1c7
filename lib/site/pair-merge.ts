// Owns the parts of a pair's page about patches and their merge: what was handed in, what was merged, where it conflicts.
import type { Ledger } from "../../db/ledger.ts";
import type { AttemptPage } from "../../db/pages.ts";
import type { ConflictText } from "./conflicts.ts";
import { diff, patchSize } from "./diff.ts";
import { conflictFile, type OriginOf } from "./diff-conflict.ts";
import { type Html, html, type Slot } from "./html.ts";
import { bytes as byteSize, plural, shortHash } from "./numbers.ts";
import { addedLines, originHtml, originsOf, type Sent } from "./origins.ts";
import { facts, tag, verdict } from "./parts.ts";

type Patches = ReadonlyMap<string, Uint8Array>;
type Merge = AttemptPage["merges"][number];

/** The bytes that the page shows: patches as handed in, and merged diffs. */
export function patchesOf(ledger: Ledger, page: Pick<AttemptPage, "agents" | "merges">): Patches {
  return ledger.dataset.patchBytes([
    ...page.agents.map(({ patch }) => patch),
    ...page.merges.flatMap(({ diff: merged }) => merged ?? []),
  ]);
}

/** Each agent's patch as it was handed in, with what was left out of the merge. */
export function patchesSection(
  page: AttemptPage,
  patches: Patches,
  fileOf: (agent_id: string) => string,
): Html {
  return html`<div class="columns">${page.agents.map((agent, at) => {
    const bytes = patches.get(agent.patch);
    const side = page.sides.find(({ agent_id }) => agent_id === agent.agent_id);
    const leftOut = new Map(side?.left_out.map(({ path, rule }) => [path, rule]));
    const mark = (path: string) => leftOut.has(path) && tag(`left out: ${leftOut.get(path)}`);
    return html`<section class="patch a${at + 1}"><h3>${agent.agent_id}, ${featureWords(agent.features)}</h3>${facts(
      [
        ["handed in", bytes && `${patchSize(bytes)}, ${byteSize(bytes.length)}`],
        ["taken from", agent.patch_source],
        ["too large", agent.taken?.size_bytes !== undefined && byteSize(agent.taken.size_bytes)],
        ["notes on collecting it", agent.taken?.notes?.join("; ")],
        [
          "filled by tools, left out",
          agent.taken?.left_out?.map(({ path, files }) => `${path} (${files})`).join(", "),
        ],
        [
          "on the base",
          side &&
            (side.status === "applied"
              ? "applies"
              : verdict(side.status === "failed" ? "does not apply" : side.status)),
        ],
        ["why", side?.reason],
        ["repairs", side && side.repairs.length > 0 && side.repairs.join(", ")],
        ["left out of the merge", leftOut.size > 0 && plural(leftOut.size, "file")],
        [
          "could change how tests are run",
          side && side.marked.length > 0 && markedWords(side.marked),
        ],
        ["SHA-256", html`<code title="${agent.patch}">${shortHash(agent.patch)}</code>`],
      ],
    )}${bytes === undefined ? html`<p class="missing">The ledger lacks this patch.</p>` : diff(bytes, `${fileOf(agent.agent_id)}/patch.diff`, mark)}</section>`;
  })}</div>`;
}

function markedWords(marked: readonly { path: string; part: string }[]): string {
  return marked.map(({ path, part }) => `${path} (${part})`).join(", ");
}

export function featureWords(features: readonly number[]): string {
  return `${features.length === 1 ? "feature" : "features"} ${features.join(", ")}`;
}

export type MergeParts = {
  readonly page: AttemptPage;
  readonly patches: Patches;
  readonly conflict: ConflictText | undefined;
  readonly folder: string;
  /** What each agent sent to be done, to find who wrote a line when. */
  readonly sent: readonly Sent[];
};

/** What git made of the patches: the conflict with its regions, or the merged diff. */
export function mergeSection(parts: MergeParts): Html {
  const { page, patches, folder } = parts;
  const [naive, union] = (["naive", "union"] as const).map((strategy) =>
    page.merges.find((row) => row.strategy === strategy),
  );
  if (naive === undefined) return html`<p class="missing">Not merged yet.</p>`;
  const conflicted = naive.status === "conflicts";
  return html`${facts([
    ["naive merge", verdict(naive.status, naive.status === "clean")],
    ["union merge", union && verdict(union.status, union.status === "clean")],
    [
      "conflict with",
      conflicted && naive.conflict_at !== null && page.agents[naive.conflict_at - 1]?.agent_id,
    ],
    [
      "regions in conflict",
      conflicted &&
        `${plural(naive.sections, "section")}, ${plural(naive.lines, "line")}, ${plural(naive.files, "file")}`,
    ],
    ["score", conflicted && `${naive.score}, ${naive.severity}`],
    ["why", naive.reason],
    ["base", naive.base_kind === "repository" ? "the repository's tree" : "made from the patches"],
    ["base tree", html`<code title="${naive.base_tree}">${shortHash(naive.base_tree)}</code>`],
  ])}${conflicted && regions(naive, parts)}${merged(naive, { patches, folder })}${union && union.diff !== naive.diff && merged(union, { patches, folder })}`;
}

function regions(naive: Merge, { page, patches, conflict, sent }: MergeParts): Html {
  if (conflict === undefined)
    return html`<p class="missing">The text of the conflict could not be reproduced from the stored patches; the counts are those of the merge.</p>`;
  const before = page.agents.slice(0, conflict.at - 1);
  const [last] = page.agents.slice(conflict.at - 1);
  const sides = {
    ours: { name: last?.agent_id ?? "ours", place: conflict.at },
    theirs: { name: before.map(({ agent_id }) => agent_id).join(" + "), place: 1 },
  };
  const writers = { ours: last === undefined ? [] : [last], theirs: before };
  const found = conflict.files.reduce((sum, { parts }) => sum + Math.max(1, parts.length), 0);
  const note: Slot =
    found !== naive.sections &&
    html`<p class="missing">Merged again for this page on a base made from the patches, which joins or splits regions differently: ${found} here, ${naive.sections} in the recorded merge.</p>`;
  const originOf: OriginOf = (side, lines) => {
    if (sent.every(({ steps }) => steps.length === 0)) return null;
    const names = writers[side].map(({ agent_id }) => agent_id);
    const added = addedLines(writers[side].map(({ patch }) => patches.get(patch)));
    const own = lines.filter((line) => added.has(line.trim()));
    return originHtml(
      originsOf(
        own,
        sent.filter(({ agent_id }) => names.includes(agent_id)),
      ),
    );
  };
  return html`${note}${conflict.files.map((file) => conflictFile(file, sides, originOf))}`;
}

function merged(
  { strategy, diff: hash }: Merge,
  { patches, folder }: { patches: Patches; folder: string },
): Slot {
  const bytes = hash === null ? undefined : patches.get(hash);
  if (bytes === undefined) return null;
  return html`<details class="merged"><summary>The ${strategy} merge as a diff (${patchSize(bytes)})</summary>${diff(bytes, `${folder}/merged.${strategy}.diff`)}</details>`;
}
