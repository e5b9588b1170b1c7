import { afterEach, describe, expect, test } from "bun:test";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { openLedger } from "../../db/ledger.ts";
import { runAttempt } from "../attempt/attempt.ts";
import { CONFIG, pairOf, pairPlace } from "../attempt/pair.fixture.ts";
import { sha256, writeIfChanged, writeJson, writeWhole } from "./files.ts";
import { formsHeld } from "./redact.fixture.ts";
import { redact, redactBytes, redactDeep, secretValues } from "./redact.ts";
import { temporaryFolder } from "./testing.ts";

/** Variables that a test sets are its own. */
afterEach(() => {
  for (const name of ["TANDEM_CASE_TOKEN", "TANDEM_OTHER_TOKEN"]) delete process.env[name];
});

describe("secretValues", () => {
  const names: [name: string, secret: boolean][] = [
    ["MY_API_KEY", true],
    ["APIKEY", true],
    ["HF_TOKEN", true],
    ["A_SECRET", true],
    ["AWS_SECRET_ACCESS_KEY", true],
    ["DEPLOY_PRIVATE_KEY", true],
    ["PGPASSWORD", true],
    ["DB_PASSWORD_FILE", true],
    ["TOKENIZERS_PARALLELISM", false],
    ["MAX_TOKENS", false],
    ["KEYBOARD", false],
    ["PATH", false],
  ];
  test.each(names)("%s: %p", (name, secret) => {
    expect(secretValues({ [name]: "v4lue-of-it" }, [])).toEqual(secret ? ["v4lue-of-it"] : []);
  });

  const values: [value: string | undefined, secret: readonly string[]][] = [
    [undefined, []],
    ["", []],
    ["none", []],
    ["k3y-of-7", ["k3y-of-7"]],
    ["test-key-1234", ["test-key-1234"]],
    [" padded-key-1 ", ["padded-key-1"]],
    ["password", []],
    ["password1", []],
    ["Password1", ["Password1"]],
    ["pass1word", ["pass1word"]],
    ["sixteenletterkey", ["sixteenletterkey"]],
    ["a longer secret line\nsecret-2", ["a longer secret line", "secret-2"]],
    ["-----BEGIN KEY-----\nMIIB0123456789\r\nAAAA\n-----END KEY-----\n", ["MIIB0123456789"]],
  ];
  test.each(values)("%j", (value, secret) => {
    expect(secretValues({ A_TOKEN: value }, [])).toEqual([...secret]);
  });

  const addresses: [text: string, secret: readonly string[]][] = [
    ["redis://:p4ss-word@localhost:6379/0", ["p4ss-word"]],
    ["rediss://user:p4ss%2Fword@host", ["p4ss%2Fword", "p4ss/word"]],
    ["--redis=redis://user:p4ss-word@host", ["p4ss-word"]],
    ["https://a:p4ss-word@one, https://b:0ther-word@two", ["0ther-word", "p4ss-word"]],
    ["redis://user@host:63791234/0", []],
    ["redis://:none@host", []],
    ["http://host/a:p4ss-word@b", []],
    ["https://host:80801234/x@y", []],
    ["redis://:%E0%A4%A@host", ["%E0%A4%A"]],
  ];
  test.each(addresses)("the password of %s", (text, secret) => {
    expect(secretValues({ PLAIN: text }, []).sort()).toEqual([...secret].sort());
    expect(secretValues({}, ["bun", text]).sort()).toEqual([...secret].sort());
  });

  test("longest first, each once", () => {
    const env = {
      A_TOKEN: "secret-value",
      B_TOKEN: "longer-secret-value",
      C_TOKEN: "secret-value",
    };
    expect(secretValues(env, [])).toEqual(["longer-secret-value", "secret-value"]);
  });
});

const HARD = 'quo"te\\d/p+w ü-0123';
const env = { A_TOKEN: "longer-secret-value", B_TOKEN: "secret-value", C_PASSWORD: HARD };

/** How a secret may be written, each with what is left of it. */
const forms: [form: string, text: string, expected: string | RegExp][] = [
  ["absent", "nothing here", "nothing here"],
  ["as it is", "a longer-secret-value b", "a [redacted] b"],
  ["twice", "secret-value and secret-value", "[redacted] and [redacted]"],
  ["inside a word", "xsecret-valuey", "x[redacted]y"],
  ["one inside the other", "longer-secret-value-", "[redacted]-"],
  ["hard ones as they are", `<${HARD}>`, "<[redacted]>"],
  ["escaped for JSON", JSON.stringify({ pw: HARD }), '{"pw":"[redacted]"}'],
  ["escaped for a URL", `?pw=${encodeURIComponent(HARD)}&x`, "?pw=[redacted]&x"],
  [
    "escaped for a URL in lowercase",
    `?pw=${encodeURIComponent(HARD).replace(/%../g, (code) => code.toLowerCase())}`,
    "?pw=[redacted]",
  ],
];
const around = ["", "x", "xy", "user:", '{"key":"'];
for (const before of around)
  for (const secret of [HARD, "secret-value"])
    for (const encoding of ["base64", "base64url"] as const)
      forms.push([
        `in ${encoding} behind ${before.length}`,
        `Basic ${Buffer.from(`${before}${secret}, and more`).toString(encoding)}.`,
        // A character at either end may hold bits of the neighbours too.
        /^Basic [\w+/-]*\[redacted\][\w+/=-]*\.$/,
      ]);

describe("redact", () => {
  test.each(forms)("%s", (_, text, expected) => {
    const clean = redact(text, env);
    if (typeof expected === "string") expect(clean).toBe(expected);
    else expect(clean).toMatch(expected);
    for (const secret of Object.values(env)) expect(formsHeld(clean, secret)).toEqual([]);
    expect(redact(clean, env)).toBe(clean);
    expect(redactBytes(Buffer.from(text), env).toString()).toBe(clean);
  });

  test("what looks for secrets finds each of these forms before", () => {
    const missed = forms.filter(([, text]) =>
      Object.values(env).every((secret) => formsHeld(text, secret).length === 0),
    );
    expect(missed.map(([form]) => form)).toEqual(["absent"]);
  });

  test("follows the environment of this process", () => {
    expect(redact("a fresh-secret-1")).toBe("a fresh-secret-1");
    process.env.TANDEM_CASE_TOKEN = "fresh-secret-1";
    expect(redact("a fresh-secret-1")).toBe("a [redacted]");
    process.env.TANDEM_CASE_TOKEN = "fresh-secret-2";
    expect(redact("a fresh-secret-1 fresh-secret-2")).toBe("a fresh-secret-1 [redacted]");
    delete process.env.TANDEM_CASE_TOKEN;
    process.env.TANDEM_OTHER_TOKEN = "fresh-secret-3";
    expect(redact("a fresh-secret-2 fresh-secret-3")).toBe("a fresh-secret-2 [redacted]");
  });
});

test("the longest form goes first, whichever secret it is of: none leaves a piece of another", () => {
  const env = { ONE_API_KEY: "a b c d9", OTHER_API_KEY: "a%20b%20c%2" };
  expect(redact("x a%20b%20c%20d9 y", env)).toBe("x [redacted] y");
  expect(redact("x a%20b%20c%2 y", env)).toBe("x [redacted] y");
});

describe("redactBytes", () => {
  const clean: [title: string, bytes: Uint8Array][] = [
    ["every byte value", Uint8Array.from({ length: 256 }, (_, value) => value)],
    ["broken UTF-8", new Uint8Array([0xc3, 0x28, 0xed, 0xa0, 0x80, 0xff])],
    ["a part of a secret", Buffer.from("secret-valu")],
    ["nothing", new Uint8Array(0)],
  ];
  test.each(clean)("gives %s back as the same object", (_, bytes) => {
    expect(redactBytes(bytes, env)).toBe(bytes);
    expect(redactBytes(bytes, {})).toBe(bytes);
  });

  test("changes no byte but the secret's, CRLF and broken UTF-8 included", () => {
    const around = Buffer.from([0xff, 0x00, 0xc3, 0x28, 0x0d, 0x0a]);
    const whole = Buffer.concat([around, Buffer.from(HARD), around]);
    const expected = Buffer.concat([around, Buffer.from("[redacted]"), around]);
    expect(Buffer.compare(redactBytes(whole, env), expected)).toBe(0);
    // Also where the bytes are a window of a larger buffer.
    const window = whole.subarray(2, whole.length - 2);
    expect(Buffer.compare(redactBytes(window, env), expected.subarray(2, -2))).toBe(0);
  });

  test("leaves a patch as many lines as it says", () => {
    const several = { A_SECRET: "first-line-1\nsecond-line-2" };
    const patch = "@@ -1,1 +1,3 @@\n first-line-1\n+second-line-2\n+ok\n";
    const clean = redactBytes(Buffer.from(patch), several).toString();
    expect(clean).toBe("@@ -1,1 +1,3 @@\n [redacted]\n+[redacted]\n+ok\n");
  });
});

describe("redactDeep", () => {
  class Own {
    field = "secret-value";
  }
  const odd = JSON.parse('{"__proto__": {"a": "secret-value"}, "b": 1}');
  const cases: [title: string, value: unknown, expected: unknown][] = [
    ["texts", "a secret-value", "a [redacted]"],
    ["lists", ["secret-value", [1, "secret-value"]], ["[redacted]", [1, "[redacted]"]]],
    ["fields", { a: { b: "secret-value" }, c: null }, { a: { b: "[redacted]" }, c: null }],
    ["names of fields", { "is secret-value": 1 }, { "is [redacted]": 1 }],
    ["bytes", { a: Buffer.from("secret-value") }, { a: Buffer.from("[redacted]") }],
    ["fields named __proto__", odd, JSON.parse('{"__proto__": {"a": "[redacted]"}, "b": 1}')],
  ];
  test.each(cases)("%s", (_, value, expected) => {
    expect(redactDeep(value, env)).toEqual(expected);
    expect(JSON.stringify(redactDeep(value, env))).toBe(JSON.stringify(expected));
  });

  const same: unknown[] = [null, undefined, 1, Number.NaN, [Number.NaN, -0], {}, [{ a: ["b"] }]];
  test.each([...same, new Own(), new Map([["a", "secret-value"]]), new Date()])(
    "gives %p back as the same object",
    (value) => expect(redactDeep(value, env)).toBe(value),
  );

  test("keeps the parts that hold none", () => {
    const value = { clean: { a: [1] }, dirty: ["secret-value"] };
    const made = redactDeep(value, env);
    expect(made.clean).toBe(value.clean);
    expect(value.dirty).toEqual(["secret-value"]);
  });
});

describe("the last net", () => {
  const SECRET = 'k3y-"of"-this-case';

  test("under files", () => {
    process.env.TANDEM_CASE_TOKEN = SECRET;
    using folder = temporaryFolder();
    const at = (name: string) => join(folder.path, name);
    writeWhole(at("text"), `a ${SECRET}`);
    writeWhole(at("bytes"), Buffer.from(`a ${SECRET} \xff`, "latin1"));
    writeJson(at("json"), { a: SECRET });
    expect(writeIfChanged(at("changing"), Buffer.from(SECRET))).toBe(true);
    const { ino } = statSync(at("changing"));
    expect(writeIfChanged(at("changing"), Buffer.from(SECRET))).toBe(false);
    expect(statSync(at("changing")).ino).toBe(ino);
    const left = ["text", "bytes", "json", "changing"].map((name) =>
      readFileSync(at(name), "latin1"),
    );
    expect(left).toEqual([
      "a [redacted]",
      "a [redacted] \xff",
      '{\n  "a": "[redacted]"\n}\n',
      "[redacted]",
    ]);
  });

  test("under the ledger: rows, JSON columns, bytes, prepared statements, and within transactions", () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "ledger.sqlite");
    const ledger = openLedger(path);
    // Known to the statements that were prepared before, too.
    process.env.TANDEM_CASE_TOKEN = SECRET;
    const bytes = Buffer.from(`+${SECRET}\n`);
    ledger.dataset.keepPatches([{ hash: sha256(bytes), bytes }]);
    ledger.faults.add({
      unit: "u",
      run: "r",
      repo: "demo_task",
      task_id: 1,
      features: [1, 2],
      try: 1,
      step: "run",
      code: "internal",
      message: `it said ${SECRET}`,
      hint: SECRET,
      cause: null,
      happened_at: "now",
    });
    ledger.dataset.putSubset({ name: "s", description: SECRET, file_hash: "h" }, []);
    expect(ledger.query("SELECT message, hint FROM faults")).toEqual([
      { message: "it said [redacted]", hint: "[redacted]" },
    ]);
    const kept = ledger.dataset.patchBytes([sha256(bytes)]).get(sha256(bytes));
    expect(Buffer.from(kept ?? []).toString()).toBe("+[redacted]\n");
    const files = [path, `${path}-wal`].map((file) => readFileSync(file));
    expect(files.flatMap((file) => formsHeld(file, SECRET))).toEqual([]);
    ledger.close();
    expect(formsHeld(readFileSync(path), SECRET)).toEqual([]);
  });
});

test("an attempt's report has no secret, and a patch that had one says so", async () => {
  process.env.TANDEM_CASE_TOKEN = "k3y-of-this-case";
  using place = pairPlace();
  const [dirty, clean] = [Buffer.from("+k3y-of-this-case\n"), Buffer.from("+no key\n")];
  const { agents } = await runAttempt({
    attempt: { ...pairOf(1, 2), run: "r", try: 1 },
    config: CONFIG,
    task: place.task,
    features: [dirty, clean].map((gold_patch, at) => ({
      feature_id: at + 1,
      description: "x",
      gold_patch,
    })),
    backend: place.backend,
    mailroom: place.mailroom,
    openModel: (caller, watch) => place.gateway.open(caller, { watch }),
    signal: new AbortController().signal,
  });
  expect(agents.map(({ patch }) => Buffer.from(patch).toString())).toEqual([
    "+[redacted]\n",
    "+no key\n",
  ]);
  expect(agents.map(({ patch_repairs }) => patch_repairs)).toEqual([
    ["secret redacted"],
    undefined,
  ]);
  expect(agents[1]?.patch).toBe(clean);
});
