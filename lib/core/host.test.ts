import { describe, expect, test } from "bun:test";
import { hostOf, ownServer, serverOf } from "./host.ts";

const SAME: [host: string, addresses: string[]][] = [
  [
    "localhost",
    [
      "http://localhost:8000/v1",
      "http://LOCALHOST:9/v1/",
      "https://localhost",
      "http://localhost.:11434",
      "http://127.0.0.1:8000",
      "http://127.1/v1",
      "http://127.0.1.1:8000",
      "http://2130706433:8000",
      "http://0x7f.0.0.1",
      "http://0.0.0.0:8080/v1",
      "http://[::1]:8000/v1",
      "http://[0:0:0:0:0:0:0:1]/",
      "http://[::]:8000",
      "http://[::ffff:127.0.0.1]:8000",
      "http://llm.localhost:3000",
      "http://localhost.localdomain:8000",
      "http://ip6-loopback:8000",
      "http://user:secret@localhost:8000/v1",
    ],
  ],
  [
    "gpu1.lab.example",
    [
      "http://gpu1.lab.example:8000/v1",
      "https://gpu1.lab.example/openai/v1?x=1#y",
      "http://GPU1.Lab.Example:80",
      "HTTPS://gpu1.lab.example.:443/",
      "http://someone@gpu1.lab.example:8001/v1",
      " http://gpu1.lab.example ",
    ],
  ],
  ["192.168.0.7", ["http://192.168.0.7:8000", "http://[::ffff:c0a8:7]:1", "http://192.168.7"]],
  ["[fe80::1]", ["http://[fe80::1]:8000", "http://[FE80:0::1]/v1"]],
  ["xn--bcher-kva.example", ["http://bücher.example", "http://BÜCHER.example:8000/v1"]],
];

describe("A15: one server", () => {
  test.each(SAME)("%s, however its address is written", (host, addresses) => {
    for (const address of addresses) expect([address, hostOf(address)]).toEqual([address, host]);
  });

  test("is told from others", () => {
    const hosts = [
      ...["http://gpu1:8000", "http://gpu2:8000", "http://gpu1.lab:8000", "http://10.0.0.1"],
      ...[
        "http://localhost.example.org",
        "http://notlocalhost",
        "http://128.0.0.1",
        "http://[::2]",
      ],
    ].map(hostOf);
    expect(new Set([...hosts, "localhost"]).size).toBe(hosts.length + 1);
  });

  test("and what is no address is itself", () => expect(hostOf("not one")).toBe("not one"));
});

describe("A15: what of an address tells configurations apart", () => {
  const CASES: [
    model: string | null,
    base_url: string | null,
    own: string | null,
    asked: string | null,
  ][] = [
    [null, null, null, null],
    ["local/qwen", "http://127.0.0.1:8000/v1", "localhost", "localhost"],
    ["anthropic/claude", null, null, "api.anthropic.com"],
    ["anthropic/claude", "https://api.anthropic.com/v1", null, "api.anthropic.com"],
    ["anthropic/claude", "https://proxy.example/v1", "proxy.example", "proxy.example"],
    ["openai/gpt", "https://api.anthropic.com/v1", "api.anthropic.com", "api.anthropic.com"],
    ["gemini/pro", null, null, "generativelanguage.googleapis.com"],
    ["replay/demo", null, null, null],
  ];
  test.each(CASES)("%s at %s", (model, base_url, own, asked) => {
    expect([ownServer({ model, base_url }), serverOf({ model, base_url })]).toEqual([own, asked]);
  });
});
