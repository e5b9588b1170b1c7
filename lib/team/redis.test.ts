import { expect, test } from "bun:test";
import { UsageError } from "../core/fault.ts";
import { describeWith } from "../core/testing.ts";
import { openMailroom } from "./mailroom.ts";
import { freePort } from "./own-server.ts";
import { testServer } from "./redis.fixture.ts";
import { redisVersion } from "./redis.ts";

const thrownBy = (url: string) =>
  openMailroom({ kind: "redis", url }).then(
    () => undefined,
    (error: unknown) => error,
  );

test.each(["", "auto", "localhost:6379", "http://localhost:6379", "redis://", "redis:x"])(
  "%p is no address",
  async (url) => {
    const error = await thrownBy(url);
    expect(error).toBeInstanceOf(UsageError);
    expect(String(error)).toContain("redis://");
  },
);

test("where nobody answers there is a fault with a hint, and no password in it", async () => {
  const port = await freePort();
  const error = await thrownBy(`redis://:sesame@127.0.0.1:${port}`);
  expect(error).toMatchObject({ code: "mailbox_gone", hint: expect.stringContaining("start") });
  expect(String(error)).toContain(`127.0.0.1:${port}`);
  expect(String(error)).not.toContain("sesame");
});

test("who speaks another language is no server, within the deadline", async () => {
  using other = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { data: (socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n") },
  });
  expect(await thrownBy(`redis://127.0.0.1:${other.port}`)).toMatchObject({ code: "mailbox_gone" });
}, 30_000);

describeWith("redis", "a server with a password", () => {
  test("tells its version to those who know it, and others what to do", async () => {
    await using server = await testServer({ password: "sesame" });
    expect(await redisVersion(server.url)).toMatch(/^\d+\.\d+/);
    for (const user of ["", ":wrong@", "nobody:sesame@"]) {
      const error = await thrownBy(`redis://${user}127.0.0.1:${server.port}`);
      expect(error).toBeInstanceOf(UsageError);
      expect(String(error)).toContain("redis://user:password@");
    }
  });

  test("names what its user may not do", async () => {
    await using server = await testServer({
      lines: ["user poor on >word ~* &* +@connection +info"],
    });
    await using room = await openMailroom({
      kind: "redis",
      url: `redis://poor:word@127.0.0.1:${server.port}`,
    });
    const error = await room.open({ attempt_key: "a", agent_ids: ["agent1"] }).catch((e) => e);
    expect(error).toBeInstanceOf(UsageError);
    expect(String(error)).toContain("does not permit");
    expect(String(error)).toContain("eval");
  });
});
