import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisesIn } from "./promises.ts";

const PATHS = ["types", "index", "render", "parse", "quantity", "scale", "metric", "time"].map(
  (name) => `src/${name}.ts`,
);
type Said = { readonly text: string; readonly sender: string; readonly reader: string };

/** `I` and `you`, `+` to change and `-` to leave alone, and the files. */
function promisedIn({ text, sender, reader }: Said): string[] {
  return promisesIn(text, { paths: PATHS, sender, reader }).map((promise) => {
    const more = (["only", "part", "further", "fresh"] as const).filter((name) => promise[name]);
    const kind = `${promise.by === sender ? "I" : "you"} ${promise.kind === "touch" ? "+" : "-"}`;
    return [kind, ...more, ...promise.paths].join(" ");
  });
}

describe("the demo's messages", () => {
  const folder = join(import.meta.dir, "../../../dataset/demo_task/task1/recordings");
  const said = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".jsonl"))
    .sort()
    .flatMap((name) => messagesOf(name, readFileSync(join(folder, name), "utf8")));

  const EXPECTED: Record<string, string[]> = {
    "demo/coop/features_1_3/agent1": [],
    "demo/coop/features_1_4/agent1": ["I + only fresh src/scale.ts src/index.ts"],
    "demo/coop/features_1_4/agent2": ["I + only src/quantity.ts src/types.ts"],
    "demo/coop/features_1_5/agent1": ["I + src/scale.ts", "I + src/index.ts"],
    "demo/coop/features_1_5/agent2": ["I + src/index.ts", "I + src/time.ts src/render.ts"],
    "demo/coop/features_2_3/agent1": ["I + src/render.ts"],
    "demo/coop/features_2_3/agent2": ["I - src/quantity.ts"],
    "demo/coop/features_2_4/agent1": ["I + src/render.ts", "I - src/quantity.ts"],
    "demo/coop/features_2_4/agent2": ["I + src/types.ts", "I + src/render.ts"],
    "demo/coop/features_3_4/agent1": [
      "I + src/parse.ts",
      "I + src/render.ts",
      "you + src/quantity.ts",
      "you - src/parse.ts",
    ],
    "demo/coop/features_3_4/agent2": [
      "I - src/parse.ts",
      "I + src/quantity.ts src/types.ts src/render.ts",
    ],
    "demo/coop/features_3_5/agent1": ["I + src/render.ts"],
    "demo/coop/features_3_5/agent2": [],
    "git/coop/features_1_4/agent1": ["I + fresh src/scale.ts src/index.ts"],
    "git/coop/features_1_4/agent2": [],
    "git/coop/features_2_4/agent1": [],
    "git/coop/features_2_4/agent2": ["you + src/metric.ts"],
    "git/coop/features_3_5/agent1": [],
    "git/coop/features_3_5/agent2": [],
    "three/coop/features_1_2_3/agent1": ["I + fresh src/scale.ts src/index.ts"],
    "three/coop/features_1_2_3/agent2": ["I + src/render.ts"],
    "three/coop/features_1_2_3/agent3": ["I + src/render.ts", "I - src/quantity.ts"],
    "three/coop/features_1_2_4/agent2": ["I + src/render.ts", "I - src/quantity.ts"],
    "three/coop/features_1_2_4/agent3": ["I - src/render.ts"],
  };
  test("promise what a reader of them finds", () => {
    const found = Object.groupBy(
      said.map(({ from, ...of }) => ({ from, promises: promisedIn(of) })),
      ({ from }) => from,
    );
    const all = Object.entries(found).map(([from, own = []]) => [
      from,
      own.flatMap((one) => one.promises),
    ]);
    expect(Object.fromEntries(all)).toEqual(EXPECTED);
  });

  function messagesOf(name: string, lines: string) {
    const from = name.replace(/\.jsonl$/, "");
    const sender = from.split("/").at(-1) ?? "";
    const sent = /send_message (?:--wait )?(\w+) (?:<<'MSG'\n([\s\S]*?)\nMSG|"([^"]*)")/g;
    return [...lines.matchAll(/"command":"((?:[^"\\]|\\.)*)"/g)].flatMap(([, command]) => {
      const plain: unknown = JSON.parse(`"${command}"`);
      return [...String(plain).matchAll(sent)].map(([, to, body, word]) => ({
        from,
        text: body ?? word ?? "",
        sender,
        reader: to === "all" ? "others" : (to ?? ""),
      }));
    });
  }
});
