// Owns what tells a run of the reference patches from one of agents.

/** The agent that hands in the dataset's own patches. */
export const GOLD_AGENT = "gold";

/** Whether a run or an attempt is of the reference patches: a ceiling for the others, and no result of agents. */
export function isGold({ agent }: { readonly agent: string }): boolean {
  return agent === GOLD_AGENT;
}
