// Owns an agent for tests of time: agent1 asks two things at once and tells its partner, who waits for that.
import type { OwnAgent } from "./module.ts";

/** Far less than the outage of the tests lasts. */
const WAIT_MS = 2_000;

const agent: OwnAgent = async ({ agent_id, mailbox, model }) => {
  const ask = (content: string) => model.complete({ turns: [{ role: "user", content }] });
  if (agent_id === "agent1") {
    await Promise.all([ask("left"), ask("right")]);
    await mailbox?.send("agent2", "message");
    return { patch: "a patch\n" };
  }
  const ended = await mailbox?.wait(WAIT_MS);
  return { patch: `${ended}\n` };
};
export default agent;
