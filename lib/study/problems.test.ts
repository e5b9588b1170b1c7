import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { UsageError } from "../core/fault.ts";
import { parseStudy } from "./file.ts";

function wordsOf(text: string, sets: readonly string[] = []): string {
  try {
    parseStudy(text, { path: "study.toml", sets });
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return "a study";
}

/** Two lines of a sound study; what follows begins on line 4. */
const GOLD = 'name = "x"\n[arms.gold]\nagent = "gold"\n';
const RULES = "must be letters, digits and ._+@=- (no slash, 200 characters at most)";

describe("a mistake is told with its line and the nearest name", () => {
  const cases: [text: string, words: string][] = [
    ['[arms.coop]\nagnet = "mini"', '5: unknown key "agnet" in arms.coop: did you mean agent?'],
    ["[arm.coop]", '4: unknown key "arm": did you mean arms?'],
    ["[concurrency]\npair = 3", '5: unknown key "pair" in concurrency: did you mean pairs?'],
    [
      '[arms.coop]\nbackend = "docker"',
      '5: unknown key "backend" in arms.coop: did you mean sandbox.backend?',
    ],
    [
      '[arms.coop]\napi_key = "x"',
      '5: unknown key "api_key" in arms.coop: keys belong in the environment or .env',
    ],
    ["[pairs]\nsample = {\n}", "5: no newlines are allowed between the curly braces"],
    [
      '[arms.solo]\n\nsetting = "sol"',
      '6: arms.solo.setting must be coop or solo, not "sol": did you mean solo?',
    ],
    ["[arms.b]\ntries = 0", "5: arms.b.tries must be at least 1, not 0"],
    ["[arms.b]\ntries = 1.5", "5: arms.b.tries must be a whole number, not 1.5"],
    ['[arms.b]\ngit = "yes"', '5: arms.b.git must be true or false, not "yes"'],
    ["[arms.b]\nmodel = 2020-01-01", "5: arms.b.model must be text in quotes, not a date"],
    ['[arms.b]\nmodel = ""', "5: arms.b.model must not be empty"],
    [
      "[arms.b]\nmax_wall_s = 1e10",
      "5: arms.b.max_wall_s must be at most 2147483, not 10000000000",
    ],
    [
      "[defaults]\nmax_cost_usd = true",
      '5: defaults.max_cost_usd must be a number above 0, or "none", not true',
    ],
    ["[defaults]\nmax_cost_usd = 0", "5: defaults.max_cost_usd must be above 0, not 0"],
    ["[budget]\nusd = inf", "5: budget.usd must be a number, not Infinity"],
    ["[pairs]\nfeatures = [1]", "5: pairs.features must have at least 2 entries"],
    ["[pairs]\nfeatures = [1,\n'2']", '6: pairs.features[1] must be a number, not "2"'],
    ["[pairs]\nkeys = { length = {} }", '1: a table with a "length" stands where'],
    ["[pairs]\nsample = { seed = 1 }", "5: pairs.sample.size is missing"],
    ["[[reports]]\nparts = ['runs']", "4: reports[0].path is missing"],
    ["[[reports]]\npath = 'x.csv'", '4: reports[0].path must be a folder such as "tables/"'],
    ["[[reports]]\npath = 'x/'\nparts = ['runs']", "4: reports[0].parts does not apply to sites"],
    ["[[reports]]\npath = 'x.html'", "4: reports[0].path must be a folder: a site"],
    ["[arms]\n'a b' = 3", '5: arms."a b" must be a table, not 3'],
    ["[arms.b]\nagent = 'godl'", '5: arms.b.agent: unknown agent "godl": did you mean "gold"?'],
    ["[arms.b]", '4: arms.b.model: the agent mini needs a model, such as "anthropic/NAME"'],
    ["[arms.b]\nmodel = 'claude-x'", '5: arms.b.model: unknown model "claude-x"'],
    ["[arms.b]\nmodel = 'local/x'", "5: arms.b.model: local/x needs the address of its server"],
    [
      "[arms.b]\nmodel = 'local/x'\nbase_url = 'ftp://a'",
      '6: arms.b.base_url: base_url "ftp://a" is not an http or https address',
    ],
    [
      "[arms.b]\nmodel = 'local/x'\nbase_url = 'http://u:p@a'",
      "6: arms.b.base_url: holds a user or a password: keys belong in the environment or .env",
    ],
    [
      "[arms.b]\nagent = 'gold'\nmodel = 'replay/demo'",
      "6: arms.b.model: the agent gold uses none: omit it",
    ],
    [
      "[arms.b]\nsetting = 'solo'\nmodel = 'replay/demo'\ngit = true",
      "7: arms.b.git: needs agents with partners and sandboxes, not setting solo: omit it",
    ],
    [
      "[arms.b]\nreplay = 'x'\nmodel = 'replay/demo'",
      "6: arms.b.model: a replay takes it from its original: omit it",
    ],
    ["[arms.b]\nreplay = 'x/y'", `5: arms.b.replay: run name "x/y" ${RULES}`],
    ["[arms.'b/c']\nagent = 'gold'", `4: the arm's name "b/c" ${RULES}`],
    ["[arms.Gold]\nagent = 'gold'", "4: arms.Gold differs from another arm only by case"],
    ["[dataset]\nfrom = 'a'\nhub = 'b/c'", "6: dataset.hub is the hub's, and dataset.from"],
    ["[dataset]\nhub = 'b'", "5: dataset.hub must be owner/name"],
    ["[pairs]\nkeys = [\n'a',\n]", '6: pairs.keys[0]: "a" is not a pair key'],
    [
      "[pairs]\nkeys = ['a/task1/features_1_2']\nsubset = 'lite'",
      "6: pairs.subset and pairs.keys both list pairs: name one",
    ],
    ["[pairs]\nfeatures = [2, 2]", "5: pairs.features names a feature twice"],
    ["[sandbox]\npids = 3", '5: sandbox.pids needs sandbox.backend = "docker"'],
    ["[sandbox]\nbackend = 'dokcer'", '5: sandbox.backend must be local or docker, not "dokcer"'],
    ["[messages]\nredis = 'http://a'", "5: messages.redis must be auto or an address"],
    ["[messages]\nredis = 'redis://:pw@a'", "5: messages.redis holds a password"],
    ["[evaluation]\npolicies = ['union', 'union']", "5: evaluation.policies names a policy twice"],
    ["[[reports]]\npath = 'a.md'\npolicy = 'naive'", "6: reports[0].policy naive is not in eval"],
    ["[[reports]]\npath = 'a'", "4: reports[0].format is missing, and its path does not show it"],
    ["[[reports]]\npath = 'a.md'\n[[reports]]\npath = './a.md'", "7: reports[1].path is another"],
    ["[[reports]]\npath = 'a.md'\nparts = 'nope'", "6: reports[0].parts must be runs, outcomes,"],
    ["[[reports]]\npath = 'a.md'\nparts = 3", "6: reports[0].parts must be runs, outcomes,"],
    ["[[reports]]\npath = 'a.md'\nparts = []", "6: reports[0].parts must have at least 1 entry"],
    [
      "[[reports]]\npath = 'a.md'\nparts = ['runs',\n'pahts']",
      "7: reports[0].parts[1] must be runs, outcomes,",
    ],
    ["[[reports]]\npath = 'a.csv'\nparts = 'all'", "4: reports[0].path must be a folder such as"],
    ["a = ", "4: the key, equals sign, and value must be on the same line"],
    ["a", "4: the key, equals sign, and value must be on the same line"],
    ["[arms.gold]", "4: defining a key multiple times is invalid"],
    ["__proto__.x = 1", '4: unknown key "__proto__"'],
    ["constructor = 1", '4: unknown key "constructor"'],
    [`a = ${"[".repeat(40)}${"]".repeat(40)}`, "4: more than 16 tables or lists inside each other"],
    [`a${".a".repeat(100_000)} = 1`, "4: more than 16 tables or lists inside each other"],
  ];
  test.each(cases)("%j", (text, words) => {
    // Keys of the whole study stand before its first table.
    const whole = text.startsWith("[")
      ? GOLD + text
      : `name = "x"\n\n\n${text}\n[arms.gold]\nagent = "gold"`;
    expect(wordsOf(whole)).toStartWith(`study.toml:${words}`);
  });
});

test("several mistakes: the first by its line, and how many more", () => {
  const text = "[arms.b]\ntries = 0\nfoo = 1\n[defaults]\nbar = 2\n";
  expect(wordsOf(text)).toBe("study.toml:1: name is missing (and 3 more)");
  expect(wordsOf(`${GOLD}${text}`)).toBe(
    "study.toml:5: arms.b.tries must be at least 1, not 0 (and 2 more)",
  );
});

test("what is wrong in the defaults is told once, not once an arm", () => {
  const text = "[defaults]\nagent = 'godl'\n[arms.b]\n[arms.c]\n";
  expect(wordsOf(GOLD + text)).toEndWith("(give a module of your own as a path: ./my-agent.ts)");
});

describe("--set", () => {
  const STUDY = `${GOLD}[arms.coop]\nmodel = 'replay/demo'\n[[reports]]\npath = 'a.md'\n`;
  const refused: [set: string, words: string][] = [
    ["arms.cop.model=x", '--set arms.cop.model=…: the study has no arm "cop": did you mean coop?'],
    ["pair.limit=2", '--set pair.limit=…: unknown key "pair": did you mean pairs?'],
    ["pairs.limt=2", '--set pairs.limt=…: unknown key "limt" in pairs: did you mean limit?'],
    ["name.x=2", "--set name.x=…: name is not a table"],
    ["reports.1.path=x", "--set reports.1.path=…: reports has no entry 1"],
    ["pairs.keys.0=x", "--set pairs.keys.0=…: pairs.keys has no entry 0"],
    ["limit", "--set takes a key and a value"],
    ["=3", "--set takes a key and a value"],
    ["a b=3", "--set takes a key and a value"],
    [
      "arms.coop.setting=sol",
      '--set arms.coop.setting=sol: arms.coop.setting must be coop or solo, not "sol": did you mean solo?',
    ],
    [
      "pairs.sample={ sise = 3 }",
      "--set pairs.sample={ sise = 3 }: pairs.sample.size is missing (and 1 more)",
    ],
    [
      "arms.gold.model=replay/demo",
      "--set arms.gold.model=replay/demo: arms.gold.model: the agent",
    ],
    ["arms.coop=3", "--set arms.coop=3: arms.coop must be a table, not 3"],
  ];
  test.each(refused)("%s is refused", (set, words) => {
    expect(wordsOf(STUDY, [set])).toStartWith(words);
  });

  test("a mistake in the file comes first, whatever the command line says", () => {
    expect(wordsOf(`${STUDY}foo = 1`, ["arms.coop.tries=0"])).toBe(
      'study.toml:8: unknown key "foo" in reports[0] (it may have path, format, policy, parts) (and 1 more)',
    );
  });

  const taken: [sets: string[], wanted: Record<string, unknown>][] = [
    [["pairs.limit=2"], { pairs: { limit: 2 } }],
    [["pairs.limit=2", "pairs.limit=3"], { pairs: { limit: 3 } }],
    [["pairs.sample.size=3"], { pairs: { sample: { size: 3, seed: 42 } } }],
    [["pairs.features=[3, 1]"], { pairs: { features: [1, 3] } }],
    [["budget = {usd = 3.5}"], { budget_usd: 3.5 }],
    // Commits are texts, whatever numbers they look like.
    [["dataset.revision=1234567"], { dataset: { revision: "1234567" } }],
    [["dataset.revision=123e4567"], { dataset: { revision: "123e4567" } }],
    [["dataset.revision='v1'"], { dataset: { revision: "v1" } }],
    [["name=second"], { name: "second" }],
    [["messages.redis=redis://:pw@host"], { redis: "redis://:pw@host" }],
    [["arms.coop.max_cost_usd=none"], { arms: [{}, { max_cost_usd: null }] }],
    [["reports.0.path=b.json"], { reports: [{ format: "json" }] }],
    [['arms."gold".tries=2'], { arms: [{ tries: 2 }, { tries: 1 }] }],
  ];
  test.each(taken)("%j is taken", (sets, wanted) => {
    expect(parseStudy(STUDY, { path: "study.toml", sets })).toMatchObject(wanted);
  });
});

describe("keys of providers", () => {
  const digits = "0123456789abcdef0123456789abcdef";
  const keys = [`sk-ant-api03-${digits}`, `AIza${digits}xyz`, `hf_${digits}`, `ghp_${digits}`];
  test.each(keys)("%s is refused wherever it stands, and not repeated", (key) => {
    const texts = [`[arms.b]\nmodel = "${key}"`, `# ${key}`, `[${key}`];
    for (const text of texts) {
      const words = wordsOf(GOLD + text);
      expect(words).toMatch(/^study\.toml:\d+: this line holds a key: keys belong in the env/);
      expect(words).not.toContain(key);
    }
    const words = wordsOf(GOLD, [`arms.gold.model=${key}`]);
    expect(words).toStartWith("--set arms.gold.model=… holds a key");
    expect(words).not.toContain(key);
  });

  test("a value of the environment's is one of them", () => {
    process.env.STUDY_TEST_API_KEY = "an unusual canary";
    try {
      expect(wordsOf(`${GOLD}# an unusual canary`)).toStartWith(
        "study.toml:4: this line holds a key",
      );
    } finally {
      delete process.env.STUDY_TEST_API_KEY;
    }
    expect(wordsOf(`${GOLD}# an unusual canary`)).toBe("a study");
  });

  test("names of models, runs and risks are none", () => {
    const text =
      "[arms.b]\nmodel = 'anthropic/claude-sonnet-4-5-20250929'\n# risk-0123456789-0123456789\n";
    expect(wordsOf(GOLD + text)).toBe("a study");
  });
});

describe("whatever the text", () => {
  const SOUND = `${GOLD}[arms."a.b"]\nmodel = "replay/demo"\n[pairs]\nsample = { size = 3 }\n[[reports]]\npath = "a.md"\n`;
  const piece = fc.oneof(
    fc.constantFrom(
      "[",
      "]",
      "{",
      "}",
      "=",
      '"',
      "'''",
      "\n",
      "\r",
      ".",
      "#",
      "\u0000",
      "\u001b[2J",
    ),
    fc.constantFrom("arms", "__proto__", "1e999", "[[reports]]", "0x", "2020-13-01", "\\ud800"),
    fc.string({ unit: "binary" }),
  );
  const changed = fc
    .tuple(fc.array(fc.tuple(fc.nat(SOUND.length), fc.nat(9), piece), { maxLength: 4 }))
    .map(([edits]) =>
      edits.reduce(
        (text, [at, gone, put]) => text.slice(0, at) + put + text.slice(at + gone),
        SOUND,
      ),
    );

  test("it is a study, or a UsageError of one line", () => {
    fc.assert(
      fc.property(changed, fc.array(fc.string(), { maxLength: 2 }), (text, sets) => {
        expect(wordsOf(text)).not.toMatch(/\p{Cc}/u);
        expect(wordsOf(SOUND, sets)).not.toMatch(/\p{Cc}/u);
      }),
      { numRuns: 300 },
    );
  });
});
