// The grid's marks: two attempts of a row, which are seen side by side.
import { hrefOf, pairTitle } from "./grid-rows.js";

/** What is marked once `key` is added, or taken away: attempts of one pair alone, of three the last two. */
export const toggled = (marked, key, pairOf) => {
  if (marked.includes(key)) return marked.filter((other) => other !== key);
  const same = marked.filter((other) => pairOf.get(other) === pairOf.get(key));
  return [...same.slice(-1), key];
};

/** The pair's page with both, the left one first. */
export const besideOf = (marked, pairOf) => {
  const { path, attempts } = pairOf.get(marked[0]);
  const [a, b] = attempts.map(({ key }) => key).filter((key) => marked.includes(key));
  return `${hrefOf(path)}#${new URLSearchParams({ a, b })}`;
};

/** Says in the bar what is marked, and leads on; `clear` takes the marks away. */
export const showBar = (bar, { marked, pairOf, arms, clear }) => {
  bar.hidden = marked.length === 0;
  bar.replaceChildren();
  if (bar.hidden) return;
  const pair = pairOf.get(marked[0]);
  const names = pair.attempts
    .filter(({ key }) => marked.includes(key))
    .map(({ arm, name }) => {
      const alone = pair.attempts.filter((other) => other.arm === arm).length === 1;
      return alone ? arms[arm].name : `${arms[arm].name} (${name})`;
    });
  const where = ` of ${pair.repo}, ${pairTitle(pair)}. `;
  const button = Object.assign(document.createElement("button"), { type: "button" });
  button.append("Clear marks");
  button.addEventListener("click", clear);
  if (names.length < 2)
    bar.append(`Marked: ${names[0]}${where}Mark another cell of this row to see both. `, button);
  else {
    const link = document.createElement("a");
    link.href = besideOf(marked, pairOf);
    link.append(`${names.join(" and ")} side by side`);
    const key = document.createElement("kbd");
    key.append("Enter");
    bar.append(link, where, key, " ", button);
  }
};
