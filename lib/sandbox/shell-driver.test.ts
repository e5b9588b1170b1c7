import { describe, expect, test } from "bun:test";
import { driver, FrameReader, freshNonce, requestBytes } from "./shell-driver.ts";

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
const NONCE = "nonceNONCE+/nonce1234";

/** Reads a stream that is cut into chunks of `size` bytes. */
function read(stream: string, size = stream.length, cap = 1_000) {
  const frames = new FrameReader(NONCE, cap);
  const bytes = Buffer.from(stream, "latin1");
  for (let at = 0; at < bytes.length; at += size) frames.feed(bytes.subarray(at, at + size));
  return frames;
}

describe("frames", () => {
  const CASES: [
    stream: string,
    output: string,
    group: number | undefined,
    status: number | undefined,
  ][] = [
    [`${NONCE}+12\n${NONCE}=0\n`, "", 12, 0],
    [`${NONCE}+12\nhello\n${NONCE}=7\n`, "hello\n", 12, 7],
    [`${NONCE}+12\nno newline${NONCE}=137\n`, "no newline", 12, 137],
    [`${NONCE}+12\nfor nobody${NONCE}=0\nlate`, "for nobody", 12, 0],
    [`cd: refused\n${NONCE}=126\n`, "cd: refused\n", undefined, 126],
    [
      `${NONCE}+12\nnonce nonceNONCE+ ${NONCE.slice(0, -1)}\n${NONCE}=0\n`,
      `nonce nonceNONCE+ ${NONCE.slice(0, -1)}\n`,
      12,
      0,
    ],
    [`${NONCE}+12\n\0\xff\x80\r\n${NONCE}=0\n`, "\0\xff\x80\r\n", 12, 0],
  ];
  test.each(CASES)("%j, cut anywhere", (stream, output, group, status) => {
    for (let size = 1; size <= stream.length; size++) {
      const frames = read(stream, size);
      expect({ size, group: frames.group, status: frames.status }).toEqual({ size, group, status });
      expect(text(frames.result().output)).toBe(output);
    }
  });

  test("a shell that is gone leaves what it printed, half a frame too", () => {
    const frames = read(`${NONCE}+12\nlast words ${NONCE.slice(0, 10)}`, 3);
    expect(frames.status).toBeUndefined();
    expect(text(frames.result(true).output)).toBe(`last words ${NONCE.slice(0, 10)}`);
  });

  test("the cap holds for output and not for frames", () => {
    const frames = read(`${NONCE}+12\n${"x".repeat(5_000)}${NONCE}=3\n`, 100, 50);
    expect(frames.status).toBe(3);
    const { output, dropped_bytes } = frames.result();
    expect(dropped_bytes).toBe(4_950);
    expect(text(output)).not.toContain("nonce");
  });
});

describe("requests", () => {
  test("are fields ended by NUL, in UTF-8", () => {
    const bytes = requestBytes({ nonce: "n", cwd: "/ü", script: "", command: "a\nb" });
    expect(bytes.toString()).toBe("n\0/ü\0\0a\nb\0");
  });

  test.each([{ command: "a\0b" }, { cwd: "/\0" }])("%j cannot be sent", (part) => {
    const whole = { nonce: "n", cwd: "/", script: "", command: "", ...part };
    expect(() => requestBytes(whole)).toThrow(RangeError);
  });

  test("have a nonce each, with nothing that a shell or a frame would read", () => {
    const nonces = Array.from({ length: 1_000 }, freshNonce);
    expect(new Set(nonces).size).toBe(1_000);
    for (const nonce of nonces) expect(nonce).toMatch(/^[A-Za-z0-9+/]{20}$/);
  });
});

test.each([true, false])("the driver is bash (owns_processes: %p)", (owns_processes) => {
  const child = Bun.spawnSync(["bash", "-n"], { stdin: Buffer.from(driver({ owns_processes })) });
  expect(child.stderr.toString()).toBe("");
  expect(child.exitCode).toBe(0);
});
