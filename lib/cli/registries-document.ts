// Owns the sections of the settings page about names that settings take: backends, agents, providers and output formats, from their registries.
import { AGENTS, type AgentRow, type Agents } from "../agent/registry.ts";
import { studyKey } from "../config/settings.ts";
import { PROVIDER_ROWS, type ProviderRow, type ProviderRows } from "../core/providers.ts";
import { FRAMEWORKS } from "../eval/formats/registry.ts";
import { BACKENDS } from "../sandbox/registry.ts";

/** Sections as Markdown. */
export function registriesDocument(): string {
  return [backends(), agents(AGENTS), providers(PROVIDER_ROWS), formats()].join("\n");
}

function backends(): string {
  const rows = Object.entries(BACKENDS).map(([name, { options }]) => [
    code(name),
    Object.entries(options)
      .map(([setting, row]) => code(studyKey(setting, row)))
      .join(", "),
  ]);
  return `## Backends\n\n${table(["backend", "settings"], rows)}`;
}

const MODELS = { required: "needs one", optional: "may have one", none: "none" } as const;

function agents(all: Agents): string {
  const cells = ([name, row]: [string, AgentRow]) => [
    [name, ...(row.aliases ?? [])].map(code).join(", "),
    MODELS[row.needs_model],
    row.needs_sandbox ? "yes" : "no",
    row.means,
  ];
  const own = ["a file such as `./my-agent.ts`", MODELS.optional, "yes", "a custom agent"];
  const rows = [...Object.entries(all).map(cells), own];
  return `## Agents\n\n${table(["agent", "model", "sandbox", "meaning"], rows)}`;
}

function providers(all: ProviderRows): string {
  const cells = ({ prefixes, keys, address, own_server, recording }: ProviderRow) => {
    const server = own_server === true ? "the server at `--base-url`" : (address?.host ?? "");
    return [
      prefixes.map((prefix) => code(`${prefix}/NAME`)).join(", "),
      keys.map(code).join(", "),
      recording === true ? "none: answers come from a recording" : server,
    ];
  };
  const rows = Object.values(all).map(cells);
  return `## Models\n\n${table(["model", "key (the first that is set)", "server"], rows)}`;
}

function formats(): string {
  return `## Test output\n\nRead from: ${FRAMEWORKS.map(code).join(", ")}.\n`;
}

const code = (word: string) => `\`${word}\``;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows];
  return `${lines.map((line) => `| ${line.join(" | ")} |`).join("\n")}\n`;
}
