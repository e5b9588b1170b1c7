// Owns the launcher for Kubernetes: a manifest that is printed, or handed to kubectl.
import { z } from "zod";
import { safeParse } from "../../core/safe-parse.ts";
import type { Launcher, Told } from "../launcher.ts";
import { failed, printed } from "../program.ts";
import { jobName, type KubernetesOptions, labelsOf, manifest } from "./manifest.ts";

const TIMEOUT_MS = 60_000;

export const kubernetes: Launcher<KubernetesOptions> = {
  name: "kubernetes",
  render: (crew, options) => `${Bun.YAML.stringify(plain(manifest(crew, options)), null, 2)}\n`,
  async submit(crew, options, signal) {
    const text = this.render(crew, options);
    if (options.apply !== true) return { told: [], faults: [], text };
    await kubectl(["apply", "-f", "-"], options, { signal, input: text });
    const job = jobName(crew);
    return { told: [{ job, state: "applied", workers: crew.workers ?? 1 }], faults: [] };
  },
  async stop(crew, options, signal) {
    const job = jobName(crew);
    const asked = ["delete", "job", job, "--ignore-not-found", "--wait=false", "-o", "name"];
    const said = await kubectl(asked, options, { signal });
    return { told: said.trim() === "" ? [] : [{ job, state: "deleted" }], faults: [] };
  },
  async status(crew, options, signal) {
    const label = Object.entries(labelsOf(crew)).map(([name, value]) => `${name}=${value}`);
    const asked = ["get", "pods", "-l", label.join(","), "-o", "json"];
    return { told: podsOf(await kubectl(asked, options, { signal })), faults: [] };
  },
};

/** Without parts that stand in it twice, which would become references. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

type Call = { readonly signal: AbortSignal; readonly input?: string };

async function kubectl(
  words: readonly string[],
  { namespace }: KubernetesOptions,
  call: Call,
): Promise<string> {
  const where = namespace === undefined ? [] : ["--namespace", namespace];
  const command = ["kubectl", ...where, ...words];
  return await printed(command, { ...call, hintOf, timeout_ms: TIMEOUT_MS });
}

function hintOf(said: string): string | undefined {
  return said.includes("field is immutable")
    ? "the study's Job is there with other settings: end it first (--stop), then run the same command again"
    : undefined;
}

const pods = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      spec: z.object({ nodeName: z.string().optional() }).optional(),
      status: z.object({
        phase: z.string().optional(),
        reason: z.string().optional(),
        containerStatuses: z
          .array(
            z.object({
              state: z
                .record(z.string(), z.looseObject({ reason: z.string().optional() }))
                .optional(),
            }),
          )
          .optional(),
      }),
    }),
  ),
});

function podsOf(text: string): Told[] {
  const parsed = safeParse(pods, JSON.parse(text));
  if (!parsed.success)
    throw failed("kubectl: its list of pods is not what it should be", {
      hint: "use a newer kubectl",
      cause: parsed.error,
    });
  return parsed.data.items.map(({ metadata, spec, status }) => {
    const states = (status.containerStatuses ?? []).flatMap(({ state = {} }) =>
      Object.values(state).map(({ reason }) => reason),
    );
    const note = status.reason ?? states.find(Boolean);
    const node = spec?.nodeName;
    return {
      worker: metadata.name,
      state: (status.phase ?? "unknown").toLowerCase(),
      ...(node !== undefined && { node }),
      ...(note !== undefined && { note }),
    };
  });
}
