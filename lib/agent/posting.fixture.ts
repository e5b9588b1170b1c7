// Owns a sandbox for tests in which commands post messages, open for all cases of a file.
import { afterAll, beforeAll } from "bun:test";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { run, SMALL_SETUP, taskPlace } from "../sandbox/task.fixture.ts";
import { addSendMessage, outboxOf, type Posted, takePosted } from "./send-message.ts";

/** `post` runs a command and takes what it posted; `sandbox` is open once the cases begin. */
export function openPosting() {
  const place = taskPlace();
  const opened = Promise.withResolvers<Sandbox>();
  beforeAll(async () => {
    const task = place.task(SMALL_SETUP);
    const sandbox = await place.backend().open({ task, label: "x", purpose: "agent" });
    await addSendMessage(sandbox);
    opened.resolve(sandbox);
  });
  afterAll(async () => {
    await (await opened.promise)[Symbol.asyncDispose]();
    place[Symbol.dispose]();
  });
  return {
    sandbox: opened.promise,
    async post(command: string) {
      const sandbox = await opened.promise;
      const { text, exit_code } = await run(sandbox, command);
      const { posted } = await takePosted(sandbox, outboxOf(sandbox), new AbortController().signal);
      return { text, exit_code, posted };
    },
  };
}

export const to2 = (content: string, wait = false): Posted => ({ to: "agent2", content, wait });
