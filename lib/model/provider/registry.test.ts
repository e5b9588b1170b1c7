import { expect, test } from "bun:test";
import { PROVIDER_ROWS } from "../../core/providers.ts";
import { checkModelName, modelParts } from "../names.ts";
import { WIRE_KEY } from "../wire/script.fixture.ts";
import { chatServer } from "../wire/servers.fixture.ts";
import { chatOptions, openChat } from "./chat.ts";
import type { Family } from "./family.ts";
import { bodyText, never, QUESTION } from "./provider.fixture.ts";
import { openProvider } from "./provider.ts";
import { loadFamily, PROVIDERS, type Providers } from "./registry.ts";

test("every row has a file, whose object has the row's name, but recordings", async () => {
  expect(Object.keys(PROVIDERS)).toEqual(Object.keys(PROVIDER_ROWS));
  for (const [name, { recording }] of Object.entries(PROVIDERS))
    if (recording === true) await expect(loadFamily(name)).rejects.toThrow(TypeError);
    else expect((await loadFamily(name)).name).toBe(name);
});

test("no two rows share a prefix or a variable", () => {
  const rows = Object.values(PROVIDERS);
  for (const all of [rows.flatMap(({ prefixes }) => prefixes), rows.flatMap(({ keys }) => keys)])
    expect(new Set(all).size).toBe(all.length);
});

/** What a provider's own file would hold. */
const mistral: Family = {
  name: "mistral",
  wire: "chat completions",
  idle_ms: 60_000,
  open: ({ base_url = "https://api.mistral.example/v1", key = "", ...connection }) =>
    openChat(connection, { name: "mistral", baseURL: base_url, apiKey: key }),
  placed: chatOptions,
};
const WITH_ONE_MORE: Providers = {
  ...PROVIDERS,
  mistral: {
    prefixes: ["mistral"],
    keys: ["MISTRAL_API_KEY"],
    address: { host: "api.mistral.example", variables: ["MISTRAL_BASE_URL"] },
    load: async () => mistral,
  },
};

test("one more provider is one object and one row: its name, its key and a call", async () => {
  const name = "mistral/large";
  expect(() => checkModelName(name)).toThrow("unknown model");
  expect(modelParts(name, WITH_ONE_MORE)).toEqual({ provider: "mistral", model: "large" });
  expect(() => checkModelName("mistrl/large", {}, WITH_ONE_MORE)).toThrow(
    'replay/NAME or mistral/NAME; did you mean "mistral/large"?',
  );
  const spec = { model: name, options: { temperature: 0.5 }, timeout_ms: 20_000 };
  await expect(openProvider(spec, WITH_ONE_MORE)).rejects.toThrow("set MISTRAL_API_KEY");
  process.env.MISTRAL_API_KEY = WIRE_KEY;
  try {
    await using server = chatServer(() => ({ text: "Bonjour." }));
    const provider = await openProvider({ ...spec, base_url: server.base_url }, WITH_ONE_MORE);
    expect(await provider.call(QUESTION, never)).toMatchObject({ text: "Bonjour." });
    expect(provider.provider_id).toBe("mistral");
    expect(bodyText(server)).toContain('"temperature":0.5');
  } finally {
    delete process.env.MISTRAL_API_KEY;
  }
});
