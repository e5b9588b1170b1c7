// The grid of pairs and arms: what is shown, by filters, columns and order; its state stands behind the `#` of the address.
import { unpacked } from "../grid-form.ts";
import { countsOf, viewOf } from "../grid-rules.ts";
import { hashOf, stateFrom } from "../grid-state.ts";
import { besideOf, showBar, toggled } from "./grid-marks.js";
import { currentStop, enter, movesOver, settle, stopsOf } from "./grid-moves.js";
import { rowOf } from "./grid-rows.js";

const FIRST = 40; // Rows in the document at first: more come as one scrolls.
const CHUNK = 120;
const AHEAD = "800px";
const BETWEEN_MS = 250; // Browsers refuse addresses that change too often.

const run = (signal, left) => {
  const byId = (id) => document.getElementById(id);
  const [table, box, form] = [byId("grid"), byId("box"), byId("filters")];
  const body = table.tBodies[0];
  const heads = [...table.tHead.querySelectorAll("th[data-arm]")];
  const graded = table.tHead.querySelector("[data-difficulty]") !== null;
  const columnBoxes = [...form.querySelectorAll('input[name="arm"]')];
  const grid = unpacked(JSON.parse(byId("grid-data").textContent));
  const pairOf = new Map(grid.pairs.flatMap((pair) => pair.attempts.map(({ key }) => [key, pair])));

  let state = stateFrom(location.hash);
  let view;
  let rows = new Map(); // By pair, for the columns that are shown.
  let attached = 0;

  const attach = (wanted) => {
    const more = view.pairs.slice(attached, wanted).map((pair, at) => {
      const row = rows.get(pair) ?? rowOf(pair, { arms: view.shown, graded });
      rows.set(pair, row);
      row.setAttribute("aria-rowindex", String(attached + at + 2));
      for (const mark of row.querySelectorAll(".mark")) paint(mark);
      return row;
    });
    attached += more.length;
    body.append(...more);
  };
  const rowAt = (wanted) => {
    const at = Math.max(0, Math.min(wanted, view.pairs.length - 1));
    if (at >= attached) attach(at + CHUNK);
    return body.rows[at];
  };
  const paint = (mark) => {
    mark.checked = state.marked.includes(mark.dataset.mark);
    mark.parentElement.classList.toggle("is-marked", mark.checked);
  };

  const showColumns = () => {
    for (const head of heads) head.hidden = !view.shown.includes(Number(head.dataset.arm));
    const names = view.shown.map((arm) => grid.arms[arm].name);
    for (const column of columnBoxes) column.checked = names.includes(column.value);
    const summary = form.querySelector(".columns > summary");
    if (summary !== null) summary.textContent = `Columns: ${names.length} of ${grid.arms.length}`;
  };
  const showCounts = () => {
    const { pairs, total } = view;
    byId("shown").textContent = `${pairs.length} of ${total} pairs`;
    const among = Map.groupBy(
      pairs.flatMap(({ attempts }) => attempts),
      ({ arm }) => arm,
    );
    for (const head of heads) {
      const { passed, scored } = countsOf(among.get(Number(head.dataset.arm)) ?? []);
      const counted = scored === 0 ? "none" : `${passed} of ${scored}`;
      head.querySelector(".among").textContent =
        pairs.length === total ? "" : `of those shown: ${counted}`;
    }
    table.setAttribute("aria-rowcount", String(pairs.length + 1));
  };
  const showMarks = () => {
    for (const mark of body.querySelectorAll(".mark")) paint(mark);
    showBar(byId("marked"), { marked: state.marked, pairOf, arms: grid.arms, clear: unmark });
  };
  const show = (least = FIRST) => {
    const before = view?.shown.join();
    view = viewOf(grid, state);
    if (view.shown.join() !== before) rows = new Map();
    body.replaceChildren();
    attached = 0;
    box.scrollTop = 0;
    attach(least);
    showColumns();
    showCounts();
    showMarks();
    const [first] = stopsOf(body.rows[0]);
    if (first !== undefined) settle(body, first);
  };

  let writing;
  const write = () => {
    const hash = hashOf(state);
    history.replaceState(null, "", hash === "" ? location.pathname + location.search : `#${hash}`);
  };
  const leave = () => {
    clearTimeout(writing);
    writing = undefined;
    write();
  };
  const become = (change) => {
    state = { ...state, ...change };
    if (writing !== undefined) return;
    write();
    writing = setTimeout(leave, BETWEEN_MS);
  };
  const choose = (chosen) => become({ chosen: { ...state.chosen, ...chosen } });
  const mark = (marked) => {
    become({ marked });
    showMarks();
  };
  const unmark = () => mark([]);

  const fill = () => {
    for (const element of form.elements) {
      if (element.name === "" || element.name === "arm") continue;
      const value = state.chosen[element.name] ?? "";
      if (element.type === "checkbox") element.checked = value !== "";
      else element.value = value;
    }
  };
  const unfilter = () => {
    const { sort = "" } = state.chosen;
    become({ chosen: { sort } });
    fill();
    show();
  };

  const moves = movesOver(body, rowAt);
  const onGridKey = (key, from) => {
    const own = from.dataset.key;
    if (key in moves) moves[key](from);
    else if (key === "x" && pairOf.get(own)?.path) mark(toggled(state.marked, own, pairOf));
    else if (key === "Enter" && state.marked.length === 2 && state.marked.includes(own)) {
      leave();
      location.href = besideOf(state.marked, pairOf);
    } else return false;
    return true;
  };
  const onKey = ({ key, target }) => {
    const from = currentStop(body);
    const typing = target.matches('select, input:not([type="checkbox"])');
    if (key === "Escape") {
      if (state.marked.length > 0) unmark();
      else unfilter();
    } else if (key === "/" && !typing) form.elements.q.focus();
    else if (from !== null) return onGridKey(key, from);
    else if (key === "ArrowDown" && (target === document.body || target.name === "q"))
      enter(stopsOf(body.rows[0])[0]);
    else return false;
    return true;
  };
  addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (onKey(event)) event.preventDefault();
    },
    { signal },
  );

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", ({ target }) => {
    if (target.name === "arm") {
      const arms = columnBoxes.filter(({ checked }) => checked).map(({ value }) => value);
      target.checked ||= arms.length === 0; // A grid without columns shows nothing.
      if (arms.length > 0) become({ arms });
    } else
      choose({ [target.name]: target.type !== "checkbox" || target.checked ? target.value : "" });
    show();
  });
  const offerFiles = () => {
    const files = new Set(grid.pairs.flatMap(({ files: own }) => own));
    const options = [...files].sort().map((file) => new Option("", file));
    byId("files").replaceChildren(...options);
  };
  form.elements.file.addEventListener("focus", offerFiles, { once: true });
  byId("clear").addEventListener("click", unfilter);

  addEventListener("click", () => writing !== undefined && leave(), { signal, capture: true });
  body.addEventListener("change", ({ target }) => {
    if (target.matches(".mark")) mark(toggled(state.marked, target.dataset.mark, pairOf));
  });
  body.addEventListener("focusin", () => {
    const stop = currentStop(body);
    if (stop === null) return;
    settle(body, stop);
    if (stop.dataset.key !== undefined && stop.dataset.key !== state.chosen.at)
      choose({ at: stop.dataset.key });
  });
  const nearEnd = new IntersectionObserver(
    (entries) => {
      const isNear = entries.some(({ isIntersecting }) => isIntersecting);
      if (!isNear || attached >= view.pairs.length) return;
      attach(attached + CHUNK);
      // It tells of changes alone: whoever scrolled on meanwhile is near the end still.
      nearEnd.unobserve(byId("end"));
      nearEnd.observe(byId("end"));
    },
    { root: box, rootMargin: AHEAD },
  );
  nearEnd.observe(byId("end"));
  signal.addEventListener("abort", () => nearEnd.disconnect());
  const remember = () => Object.assign(left, { top: box.scrollTop, rows: attached });
  box.addEventListener("scroll", remember, { passive: true });
  addEventListener("beforeprint", () => attach(view.pairs.length), { signal });
  const read = () => {
    state = stateFrom(location.hash);
    state = { ...state, marked: state.marked.filter((key) => pairOf.get(key)?.path) };
    fill();
  };
  addEventListener(
    "hashchange",
    () => {
      read();
      show();
    },
    { signal },
  );

  form.hidden = false;
  read();
  const { top = 0 } = left;
  show(Math.max(FIRST, left.rows ?? 0));
  box.style.scrollPaddingTop = `${table.tHead.offsetHeight}px`;
  box.scrollTop = top;
  const place = top > 0 ? -1 : view.pairs.indexOf(pairOf.get(state.chosen.at));
  if (place < 0) return;
  const stops = stopsOf(rowAt(place));
  enter(
    stops.find(({ dataset }) => dataset.key === state.chosen.at),
    "center",
  );
};

let before = new AbortController();
const left = {}; // Where one was, when the live view puts a new grid in the place of the old one.
const start = () => {
  before.abort();
  before = new AbortController();
  run(before.signal, left);
};
addEventListener("tandem:renewed", start);
whenReady(start);
