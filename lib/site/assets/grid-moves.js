// Moving over the grid by keyboard: one place of it is reached by Tab, the arrow keys go on from there.
const STOP = "th.pair .name, .cell .open, .cell[tabindex]";
const PAGE = 10; // Rows.

export const stopsOf = (row) => (row === undefined ? [] : [...row.querySelectorAll(STOP)]);
const rowOf = (stop) => stop.closest("tr");
const cellOf = (stop) => stop.closest("th, td");

/** The place that has the focus, or whose box has it; null outside of the rows. */
export const currentStop = (body) => {
  const active = document.activeElement;
  if (!body.contains(active)) return null;
  return active.closest(STOP) ?? active.closest(".try")?.querySelector(".open") ?? null;
};

export const enter = (stop, block = "nearest") => {
  if (stop === undefined) return;
  stop.focus({ preventScroll: true });
  rowOf(stop).scrollIntoView({ block });
  cellOf(stop).scrollIntoView({ block: "nearest", inline: "nearest" });
};

/** Makes it the one place that Tab reaches. */
export const settle = (body, stop) => {
  for (const other of body.querySelectorAll('[tabindex="0"]')) other.tabIndex = -1;
  stop.tabIndex = 0;
};

/** What each key does from a place; `rowAt` gives a row by its number, the nearest one there is. */
export const movesOver = (body, rowAt) => {
  const toRow = (by) => (from) => {
    const stops = stopsOf(rowAt([...body.rows].indexOf(rowOf(from)) + by));
    const column = cellOf(from).cellIndex;
    enter(stops.find((stop) => cellOf(stop).cellIndex >= column) ?? stops.at(-1));
  };
  const along = (by) => (from) => {
    const stops = stopsOf(rowOf(from));
    enter(stops[stops.indexOf(from) + by]);
  };
  return {
    ArrowDown: toRow(1),
    ArrowUp: toRow(-1),
    PageDown: toRow(PAGE),
    PageUp: toRow(-PAGE),
    ArrowRight: along(1),
    ArrowLeft: along(-1),
    Home: (from) => enter(stopsOf(rowOf(from))[0]),
    End: (from) => enter(stopsOf(rowOf(from)).at(-1)),
  };
};
