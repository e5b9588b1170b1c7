import { afterAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../../core/testing.ts";
import { makeCertificates } from "../ways.fixture.ts";
import { readEngines } from "./file.ts";

const folder = temporaryFolder("tandem-engines-file");
afterAll(() => folder[Symbol.dispose]());
const path = join(folder.path, "engines.toml");
const read = (text: string) => {
  writeFileSync(path, text);
  return readEngines(path);
};
const at = (name: string) => join(folder.path, name);

test("engines are read in their order, with paths relative to the file", () => {
  makeCertificates(at("certs"));
  const engines = read(`
[engines.big]
address = "ssh://me@big"
agents = 32
suites = 16
memory_mib = 65536
ssh_config = "lab.config"

[engines.rack]
address = "tcp://rack:2376"
agents = 8
suites = 4
ca = "certs/ca.pem"
`);
  expect(engines).toEqual([
    {
      ...{ name: "big", agents: 32, suites: 16, memory_mib: 65_536 },
      named: {
        address: { way: "ssh", host: "big", user: "me", config: at("lab.config"), key: undefined },
        whose: "the engine big",
      },
    },
    {
      ...{ name: "rack", agents: 8, suites: 4, memory_mib: undefined },
      named: {
        address: {
          ...{ way: "tcp", host: "rack", port: 2376 },
          tls: { ca: at("certs/ca.pem"), cert: undefined, key: undefined },
        },
        whose: "the engine rack",
      },
    },
  ]);
});

const one = (lines: string) => `[engines.a]\n${lines}\n`;
const LIMITS = "agents = 1\nsuites = 1";
const CASES: [text: string, refusal: string][] = [
  ["", "engines is missing"],
  ["[engines]\n", "it has no engine, such as [engines.big]"],
  ["engines = 3\n", "engines must be a table, not 3"],
  [
    one(`address = "unix:///a"\n${LIMITS}\nagnets = 2`),
    ':5: unknown key "agnets" in engines.a: did you mean agents?',
  ],
  [one('address = "unix:///a"\nagents = 1'), "engines.a.suites is missing"],
  [
    one('address = "unix:///a"\nagents = 0\nsuites = 1'),
    ":3: engines.a.agents must be at least 1, not 0",
  ],
  [one(`address = "big"\n${LIMITS}\nca = "none.pem"`), "none.pem does not exist"],
  [
    one(`address = "gopher://a"\n${LIMITS}`),
    'the engine a\'s address is "gopher://a", which is not an address',
  ],
  [
    one(`address = "ssh://a"\n${LIMITS}\nca = "ca.pem"`),
    "the engine a: ca does nothing for ssh://a",
  ],
  [
    one(`address = "tcp://a"\n${LIMITS}\nssh_key = "k"`),
    "the engine a: ssh_key does nothing for tcp://a:2375",
  ],
  [one(`address = "unix:///a"\n${LIMITS}\nkey = "k"`), "key does nothing for unix:///a"],
  [
    `${one(`address = "ssh://a"\n${LIMITS}`)}[engines.b]\naddress = "ssh://a"\n${LIMITS}`,
    ":5: engines.b has the address of engines.a",
  ],
  [
    `["engines"."a b"]\naddress = "ssh://a"\n${LIMITS}`,
    "a name has letters, digits and ._- (40 at most)",
  ],
  ["[engines.a", ":1: "],
];
test.each(CASES)("%j is refused where it is wrong, in one line", (text, refusal) => {
  expect(() => read(text)).toThrow(refusal);
  expect(() => read(text)).toThrow(/^[^\n]+$/);
});

test("a file that is not there is refused", () => {
  expect(() => readEngines(at("none.toml"))).toThrow(/^--engines: .*none.toml cannot be read: /);
});
