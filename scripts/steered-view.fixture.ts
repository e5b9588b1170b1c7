// Owns a view that may be steered, as a process of its own, for tests in a browser.
import { join } from "node:path";
import { jsonLines } from "./cli.fixture.ts";

/** The token that steers it. */
export const TOKEN = "a-token-of-this-test";

/** Its address, once it listens. */
export async function steeredView(here: { at(...path: string[]): string }) {
  const places = ["--ledger", here.at("ledger.sqlite"), "--log-dir", here.at("logs")];
  const script = join(import.meta.dir, "view.ts");
  const child = Bun.spawn(["bun", script, "--steer", "--port", "0", "--json", ...places], {
    env: { ...process.env, TANDEM_VIEW_TOKEN: TOKEN },
    ...{ stdin: "ignore", stdout: "pipe", stderr: "inherit" },
  });
  const { value } = await child.stdout.getReader().read();
  const address = String(jsonLines(new TextDecoder().decode(value))[0]?.url);
  return {
    address,
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.exited;
    },
  };
}
