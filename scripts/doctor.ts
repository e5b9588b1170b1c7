// Owns the door `doctor`.
import { DOCTOR_FLAGS } from "../lib/cli/flags/doctor.ts";
import { defineCommand, main } from "../lib/cli/step.ts";

export const doctor = defineCommand({
  name: "doctor",
  summary: "Check what an experiment needs, or a model with --model",
  reads: () => "plan",
  examples: {
    "tandem doctor --backend docker": "Check this machine for an experiment in containers",
    "tandem doctor -m openai/gpt-5": "Ask a model one question, and check its key and price",
  },
  fails: "something is missing that an experiment needs",
  args: DOCTOR_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/doctor.ts")).run(call),
});

if (import.meta.main) await main(doctor);
