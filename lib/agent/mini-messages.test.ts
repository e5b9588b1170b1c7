import { afterAll, describe, expect, test } from "bun:test";
import type { Mailbox } from "../team/mailbox.ts";
import { memoryMailbox } from "../team/memory.ts";
import { configured, type Line, miniPlace, SUBMIT, seen } from "./job.fixture.ts";

const place = miniPlace();
const { mini } = place;
afterAll(() => place[Symbol.dispose]());

const WORK = "echo new > new.txt";

describe("messages", () => {
  const talk = (mailbox: Mailbox | undefined) => ({ partners: ["agent2"], mailbox });
  const boxed = () => memoryMailbox(["agent1", "agent2"]);
  const fromPartner = { sender: "agent2", recipient: "agent1", sent_step: 1 };

  test("are sent as the shell gives them, and counted", async () => {
    const mailbox = boxed();
    const command = "send_message agent2 <<'MSG'\nI take `src/`.\nMSG\nsend_message agent2 two";
    const { result } = await mini([command, SUBMIT], talk(mailbox));
    expect((await mailbox.history()).map(({ content, sent_step }) => [content, sent_step])).toEqual(
      [
        ["I take `src/`.", 1],
        ["two", 1],
      ],
    );
    expect(result.steps.map(({ messages_sent }) => messages_sent)).toEqual([2, 0]);
    expect(seen(result)[0]).toBe(
      "[exit status 0]\n\n[message sent to agent2]\n[message sent to agent2]",
    );
  });

  test("that come are shown before the next step, once, and marked as read in it", async () => {
    const mailbox = boxed();
    const arrive: Line = async () => {
      await mailbox.send({ ...fromPartner, content: "Hello\nthere" });
      return "true";
    };
    const { result, shown } = await mini([arrive, "true", SUBMIT], talk(mailbox));
    expect(shown[1]?.at(-1)).toMatchObject({
      role: "user",
      content: "[Message from agent2]: Hello\nthere",
    });
    expect(seen(result).filter((text) => text.includes("Hello"))).toHaveLength(1);
    expect(result.steps.map(({ messages_received }) => messages_received)).toEqual([0, 1, 0]);
    expect((await mailbox.history())[0]).toMatchObject({ read_step: 2 });
  });

  test("with --wait hold the agent until the answer", async () => {
    const mailbox = boxed();
    const partner = (async () => {
      await mailbox.wait("agent2", { timeout_ms: 20_000 });
      await mailbox.send({ ...fromPartner, content: "the answer" });
    })();
    const { result } = await mini(["send_message agent2 'q?' --wait", SUBMIT], talk(mailbox));
    await partner;
    expect(seen(result)[0]).toEndWith("[message sent to agent2]\n[an answer has arrived]");
    expect(seen(result)[1]).toBe("[Message from agent2]: the answer");
  });

  test("may share a command with the submission", async () => {
    const mailbox = boxed();
    const { shown } = await mini([`${WORK}; send_message agent2 done; ${SUBMIT}`], talk(mailbox));
    expect(shown).toHaveLength(1);
    expect(await mailbox.history()).toHaveLength(1);
  });

  test("may come from a script that an earlier command wrote", async () => {
    const mailbox = boxed();
    const write = "echo 'send_message agent2 from a script' > tell.sh";
    const { result } = await mini([write, "bash tell.sh; echo told", SUBMIT], talk(mailbox));
    expect(await mailbox.history()).toMatchObject([{ content: "from a script", sent_step: 2 }]);
    expect(seen(result)[1]).toBe("[exit status 0]\ntold\n\n[message sent to agent2]");
  });

  test("with --wait wait no longer than the configuration says", async () => {
    const fields = { ...talk(boxed()), ...configured({ message_wait_ms: 10 }) };
    const { result } = await mini(["send_message agent2 --wait x", SUBMIT], fields);
    expect(seen(result)[0]).toContain("[no answer within 0 s]");
  });

  test("A27: with --wait say that the sender waits", async () => {
    const mailbox = boxed();
    const arrive: Line = async () => {
      await mailbox.send({ ...fromPartner, content: "q?", waits: true });
      return "true";
    };
    const { result } = await mini([arrive, SUBMIT], talk(mailbox));
    expect(seen(result)[1]).toBe(
      "[Message from agent2]: q?\n[agent2 waits for your answer, up to 60 s]",
    );
    await mini(["send_message --wait agent2 'well?'", SUBMIT], {
      ...talk(mailbox),
      ...configured({ message_wait_ms: 10 }),
    });
    expect((await mailbox.history()).at(-1)).toMatchObject({ content: "well?", waits: true });
  });

  test("A27: a partner's end is told once, unasked, and is no message", async () => {
    const mailbox = boxed();
    const end: Line = async () => {
      await mailbox.send({ ...fromPartner, content: "bye" });
      await mailbox.finish("agent2", "[agent2 has ended]");
      return "true";
    };
    const { result } = await mini([end, "true", "true", SUBMIT], talk(mailbox));
    expect(seen(result).slice(1, 3)).toEqual(["[Message from agent2]: bye", "[agent2 has ended]"]);
    expect(seen(result).filter((text) => text.includes("has ended"))).toHaveLength(1);
    expect(result.steps.map(({ messages_received }) => messages_received)).toEqual([0, 1, 0, 0]);
  });

  test("A24: what a command leaves running is told with its messages", async () => {
    const command = "send_message agent2 x; sleep 600 & sleep 600 & sleep 600 & true";
    const { result } = await mini([command, SUBMIT], talk(boxed()));
    expect(seen(result)[0]).toBe(
      "[exit status 0]\n\n[3 processes left running were ended]\n[message sent to agent2]",
    );
    const { result: alone } = await mini(["sleep 600 &", SUBMIT], talk(undefined));
    expect(seen(alone)[0]).toBe("[exit status 0]\n\n[1 process left running was ended]");
  });

  test("A23: a text that is cut is told to both", async () => {
    const mailbox = boxed();
    const command = "head -c 1000000 /dev/zero | tr '\\0' x | send_message agent2";
    const { result } = await mini([command, SUBMIT], talk(mailbox));
    const kept = "the first 100000 of its 1000000 bytes";
    expect(seen(result)[0]).toContain(`[message sent to agent2, but cut: only ${kept}]`);
    const [message] = await mailbox.history();
    expect(message?.content).toBe(
      `${"x".repeat(100_000)}\n[the message was cut here: these are ${kept}]`,
    );
  });

  test("switched off there is no send_message", async () => {
    const { result } = await mini(["send_message agent2 x", SUBMIT], talk(undefined));
    expect(seen(result)[0]).toStartWith("[exit status 127]");
    expect(seen(result)[0]).toContain("send_message: command not found");
  });
});
