import { afterAll, expect, test } from "bun:test";
import { callerOf } from "../model/gateway.fixture.ts";
import { openGateway } from "../model/gateway.ts";
import type { GatewayEvent } from "../model/gateway-options.ts";
import type { ChatTurn } from "../model/model.ts";
import { withKeys } from "../model/provider/provider.fixture.ts";
import { charactersOf } from "../model/window.ts";
import { chatServer } from "../model/wire/servers.fixture.ts";
import type { AgentResult } from "./agent.ts";
import { configured, LIMITS, miniPlace, SUBMIT } from "./job.fixture.ts";

const place = miniPlace();
afterAll(() => place[Symbol.dispose]());

const tokensOf = (turns: readonly ChatTurn[]) => Math.ceil(charactersOf(turns) / 4);
/** Tokens of what a server lets through to its model. */
type Cut = (turns: readonly ChatTurn[]) => number;

/** Ollama leaves out the oldest turns but the system's, until the rest fits. */
const wholeTurns =
  (window: number): Cut =>
  ([system, ...rest]) => {
    if (system === undefined) return 0;
    while (rest.length > 1 && tokensOf([system, ...rest]) > window) rest.shift();
    return Math.min(window, tokensOf([system, ...rest]));
  };
/** A server that keeps its window full to the token. */
const tail =
  (window: number): Cut =>
  (turns) =>
    Math.min(window, tokensOf(turns));

type Play = {
  readonly cut: Cut;
  /** Steps until the model submits. */
  readonly steps: number;
  readonly compaction?: { enabled: boolean };
  readonly told?: false;
};

/** An agent that reads files until it submits, before a server that cuts. */
async function play({ cut, steps, compaction, told }: Play) {
  using _keys = withKeys();
  let step = 0;
  await using server = chatServer(({ turns, tools }) => {
    const counts = {
      input_tokens: told === false ? 0 : cut(turns),
      ...(told === false ? { output_tokens: 0 } : {}),
    };
    if (tools.length === 0) return { text: "Notes: files were read.", usage: counts };
    const command =
      ++step > steps ? SUBMIT : `echo ${step} > made.txt; printf 'read %.0s' $(seq 300)`;
    return { tool_calls: [{ name: "bash", arguments: { command } }], usage: counts };
  });
  const events: GatewayEvent[] = [];
  const gateway = await openGateway({
    model: "local/some",
    base_url: server.base_url,
    options: {},
    call_timeout_ms: 20_000,
    on_event: (event) => events.push(event),
  });
  const work = place.mini([], {
    ...configured(compaction === undefined ? {} : { compaction }),
    limits: { ...LIMITS, max_steps: 80 },
    openModel: () => gateway.open(callerOf()),
  });
  const [end] = await Promise.allSettled([work]);
  const windows = events.flatMap((event) =>
    event.kind === "cut prompt" ? [event.window_tokens] : [],
  );
  return { end, windows, refused: server.refused };
}

const reasons = ({ transcript }: AgentResult) =>
  transcript.flatMap((turn) => (turn.role === "summary" ? [turn.reason] : []));

const WINDOWS: [name: string, cut: Cut][] = [
  ["whole turns left out", wholeTurns(4096)],
  ["filled to the token", tail(4096)],
];
test.each(WINDOWS)(
  "a server that cuts prompts (%s) is met with one summary, which says why",
  async (_, cut) => {
    const { end, windows, refused } = await play({ cut, steps: 18 });
    if (end.status === "rejected") throw end.reason;
    expect(end.value.result.outcome).toBe("submitted");
    const [reason, ...more] = reasons(end.value.result);
    expect(more).toEqual([]);
    expect(windows).toHaveLength(1);
    expect(reason).toBe(
      `the server seems to cut prompts to about ${windows[0]?.toLocaleString("en")} tokens`,
    );
    expect(windows[0]).toBeWithin(3_600, 4_097);
    expect(refused).toEqual([]);
  },
);

test.each(WINDOWS)("when it goes on (%s), it is a fault that names the window", async (_, cut) => {
  const { end, windows } = await play({ cut, steps: 70 });
  expect(end).toMatchObject({ status: "rejected", reason: { code: "prompt_cut" } });
  expect(windows).toHaveLength(2);
  const { message, hint } = end.status === "rejected" ? end.reason : {};
  expect(message).toContain(`about ${Math.max(...windows).toLocaleString("en")} tokens`);
  expect(hint).toMatch(/larger context .*compaction\.threshold_tokens below (2[6-9]|30)00 /);
});

test("without compaction it is a fault at once", async () => {
  const { end, windows } = await play({
    cut: tail(4096),
    steps: 40,
    compaction: { enabled: false },
  });
  expect(end).toMatchObject({ status: "rejected", reason: { code: "prompt_cut" } });
  expect(windows).toHaveLength(1);
});

const WHOLE: [name: string, fields: Partial<Play>][] = [
  ["whole prompts", { cut: tail(1_000_000) }],
  ["unknown usage", { told: false }],
];
test.each(WHOLE)("%s are left alone", async (_, fields) => {
  const { end, windows } = await play({ cut: tail(1000), steps: 30, ...fields });
  expect(windows).toEqual([]);
  expect(end).toMatchObject({ status: "fulfilled", value: { result: { outcome: "submitted" } } });
});
