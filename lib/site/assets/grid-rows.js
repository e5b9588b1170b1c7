// The grid's rows: a pair's cells, each attempt with its verdict in words, why, its cost, and a box to mark it.
import { countsOf } from "../grid-rules.ts";

const made = (tag, className, ...children) => {
  const element = document.createElement(tag);
  if (className !== "") element.className = className;
  element.append(...children.filter((child) => child !== ""));
  return element;
};

/** A path of the site as a relative address. */
export const hrefOf = (path) => path.split("/").map(encodeURIComponent).join("/");

export const pairTitle = ({ task, features }) => `task ${task}, ${features.replaceAll(",", " + ")}`;

/** What an attempt found, as words: never by colour alone. */
const wordsOf = ({ passed, fault, found, cause, way, cost, marks }) => {
  const kind = passed === null ? "none" : passed ? "pass" : found === "conflict" ? "warn" : "fail";
  const why = cause === found ? "" : cause; // A conflict is both.
  const counted = passed === null ? "not counted" : "";
  const details = [fault ? found : "", why, way === "" ? "" : `by ${way}`, counted, ...marks];
  return [
    made("span", `verdict v-${kind}`, fault ? "fault" : found),
    cost === "" ? "" : made("span", "cost", cost),
    ...details.filter(Boolean).map((detail) => made("span", "why", detail)),
  ];
};

const markOf = ({ key }) => {
  const box = made("input", "mark");
  box.type = "checkbox";
  box.tabIndex = -1;
  box.title = "Mark, to see it beside another one of its row (x)";
  box.setAttribute("aria-label", "Mark");
  box.dataset.mark = key;
  return box;
};

/** Two attempts or more can be seen side by side: only these have a box. */
const attemptOf = (attempt, { several, alone }) => {
  const link = made(
    "a",
    "open",
    several ? made("span", "name", attempt.name) : "",
    ...wordsOf(attempt),
  );
  link.href = hrefOf(attempt.path);
  link.tabIndex = -1;
  link.dataset.key = attempt.key;
  return made(
    "div",
    attempt.passed === null ? "try out" : "try",
    alone ? "" : markOf(attempt),
    link,
  );
};

const cellOf = (attempts, alone) => {
  const cell = made("td", "cell");
  const several = attempts.length > 1;
  if (attempts.length === 0) {
    const dash = made("span", "v-none", "–");
    dash.setAttribute("aria-hidden", "true");
    cell.append(dash, made("span", "unseen", "no attempt"));
    cell.tabIndex = -1;
  }
  if (several) {
    const { passed, scored } = countsOf(attempts);
    cell.append(
      made("div", "tally", scored === 0 ? "none scored" : `${passed} of ${scored} passed`),
    );
  }
  cell.append(...attempts.map((attempt) => attemptOf(attempt, { several, alone })));
  return cell;
};

/** A row: the pair, its difficulty where difficulties are known, a cell for each of the arms. */
export const rowOf = (pair, { arms, graded }) => {
  const alone = pair.path === "";
  const name = made(alone ? "span" : "a", "name", made("span", "repo", pair.repo), pairTitle(pair));
  if (!alone) name.href = hrefOf(pair.path);
  name.tabIndex = -1;
  const title = made("th", "pair", name);
  title.scope = "row";
  const hard = pair.difficulty === null ? "–" : pair.difficulty.toFixed(2);
  const cells = arms.map((arm) =>
    cellOf(
      pair.attempts.filter((attempt) => attempt.arm === arm),
      alone,
    ),
  );
  return made("tr", "", title, graded ? made("td", "num", hard) : "", ...cells);
};
