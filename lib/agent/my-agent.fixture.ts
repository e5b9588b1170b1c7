// Owns the example of an agent of one's own: every answer of the model is a command, until it says DONE.
import type { ChatTurn, OwnAgent } from "./module.ts";

const agent: OwnAgent = async ({ features, mailbox, model, openSandbox }) => {
  const sandbox = await openSandbox();
  const task = features.map(({ description }) => description).join("\n\n");
  await mailbox?.send("all", `I build: ${task}`);
  const turns: ChatTurn[] = [
    {
      role: "user",
      content: `${task}\n\nAnswer with one bash command and nothing else, or with DONE.`,
    },
  ];
  for (;;) {
    for (const { sender, content } of (await mailbox?.receive()) ?? [])
      turns.push({ role: "user", content: `${sender} says: ${content}` });
    const { text } = await model.complete({ turns });
    if (text.trim() === "DONE") return {};
    const { exit_code, output } = await sandbox.exec(text);
    turns.push({ role: "assistant", content: text, tool_calls: [] });
    turns.push({ role: "user", content: `exit status ${exit_code}\n${output}` });
  }
};
export default agent;
