// Owns the lease of a unit while another process works on it: its progress, and what it has cost, as they are told.
import type { UnitProgress } from "../../db/schema.ts";
import type { Held } from "../work/work.ts";
import type { Answers } from "./answers.ts";
import type { Parcel } from "./errand.ts";

const STARTING: UnitProgress = { doing: "starting", cost_usd: 0, tokens: 0, agents: [] };

/** What a parcel is given for a unit that is held. */
export function heldFar(
  held: Held,
  answers: Pick<Answers, "known" | "anew">,
): Pick<Parcel<never>, "on_progress" | "on_delivery"> {
  let far = STARTING;
  held.progress = () => answers.known(far);
  return {
    on_progress(progress) {
      far = progress;
      held.say();
    },
    on_delivery(to) {
      // What the earlier delivery has cost is in the lease, from which it is counted as lost.
      held.say();
      held.deliver(to);
      far = STARTING;
      answers.anew();
    },
  };
}
