// Owns the door `doctor`.
import { DOCTOR_FLAGS } from "../lib/cli/flags/doctor.ts";
import { defineCommand, main } from "../lib/cli/step.ts";

export const doctor = defineCommand({
  name: "doctor",
  summary:
    "Check everything an experiment needs, or a model with --model; exit 1 if it could not work",
  reads: () => "plan",
  args: DOCTOR_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/doctor.ts")).run(call),
});

if (import.meta.main) await main(doctor);
