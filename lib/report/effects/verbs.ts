// Owns the English of promises about files: verbs that change one, verbs that leave it alone, and who says so of whom. Pure.

const REGULAR =
  "add adjust alter append apply change claim clean convert create define delete drop edit enhance expand export expose extend extract factor fix handle hook implement inject insert introduce make modify move overwrite own patch place refactor register rename remove replace restructure rework rewrite take touch tweak update wire work write";
/** Their past looks like their present: `I put` may be done. */
const SAME_PAST = "put split cut set";

const base = `${REGULAR} ${SAME_PAST} do`.split(" ");
/** Each verb as it stands behind `I will`. */
export const ALTER_BASE = base.join("|");
/** Also `adding`, `adds`. */
export const ALTER = base.flatMap((verb) => [ing(verb), ...present(verb), verb]).join("|");
/** Only `adding`. */
export const ALTERING = base.map(ing).join("|");
export const ALTER_UNSURE = SAME_PAST.replaceAll(" ", "|");
/** How a clause begins that leaves something alone. */
export const OFF_STARTS =
  "leave|leaving|avoid|avoiding|keep|keeping|stay|staying|steer|refrain|hands off|skip|stick|limit|restrict|confine";

function ing(verb: string): string {
  if (/^(?:put|split|cut|set|drop)$/.test(verb)) return `${verb}${verb.at(-1)}ing`;
  return `${verb.replace(/e$/, "")}ing`;
}

function present(verb: string): string[] {
  return [
    /(?:s|sh|ch|x|o)$/.test(verb)
      ? `${verb}es`
      : verb.endsWith("y")
        ? `${verb.slice(0, -1)}ies`
        : `${verb}s`,
  ];
}
