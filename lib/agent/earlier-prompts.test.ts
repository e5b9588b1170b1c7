import { describe, expect, test } from "bun:test";
import { sha256 } from "../core/files.ts";
import { defaultAgentConfig } from "./config.ts";
import { goingOn, TEXTS, withEarlierPrompts } from "./earlier-prompts.ts";
import { type TemplateName, templateText } from "./templates.ts";

test.each(Object.keys(TEXTS) as TemplateName[])(
  "the text of %s that nobody changed is the last one known",
  (name) => expect(TEXTS[name].at(-1)).toBe(sha256(templateText(name))),
);

describe("a run goes on", () => {
  const today = defaultAgentConfig();
  const own = { ...today, prompts: { ...today.prompts, system: "be brief" } };

  test("with a text of one's own only where that is asked for again", () => {
    expect(withEarlierPrompts(today, own)).toEqual(today);
    expect(withEarlierPrompts(own, today)).toEqual(own);
    expect(withEarlierPrompts(own, own)).toEqual(own);
  });

  test("as it is when it asks no model, or is of before prompts were kept", () => {
    const none = { agent_config: null, agent_config_sha256: null };
    expect(goingOn(none, { agent_config: today })).toEqual(none);
    const asked = { agent_config: today, agent_config_sha256: "x" };
    expect(goingOn(asked, {})).toEqual(asked);
  });
});
