// Owns the last line of a fuzzing run: how many inputs all properties were tried with. Preloaded by `bun run fuzz`.
import { afterAll } from "bun:test";
import { FUZZ_SEED, tried } from "./fuzz.fixture.ts";

/** `TANDEM_FUZZ_LEAST`: fewer inputs than these are a failure, so that no property falls away unnoticed. */
const least = Number(process.env.TANDEM_FUZZ_LEAST ?? 0);

afterAll(() => {
  const { inputs, properties } = tried;
  process.stderr.write(
    `fuzz: ${inputs.toLocaleString("en")} inputs, ${properties} properties, TANDEM_FUZZ_SEED=${FUZZ_SEED}\n`,
  );
  if (inputs < least) throw new Error(`fuzz: fewer than the ${least} inputs that were asked for`);
});
