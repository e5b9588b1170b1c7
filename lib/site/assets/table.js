// The table of pairs: sorting, filtering, moving by keyboard, and its state behind the `#` of the address.
(() => {
  let before = new AbortController();
  const start = () => {
    before.abort(); // The live view puts a new table in the place of the old one.
    before = new AbortController();
    run(before.signal);
  };

  const run = (signal) => {
    const table = document.getElementById("pairs");
    const form = document.querySelector("form.filters");
    const shown = document.getElementById("shown");
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    const keys = heads.map((head) => head.dataset.key);
    const CHUNK = 250; // Rows in the document at a time: more come as one scrolls.
    const FILTERS = ["run", "repo", "outcome", "path", "merge"];

    const rows = [...body.rows].map((element, place) => {
      const cells = [...element.cells];
      const values = cells.map((cell, at) => {
        const text = cell.textContent;
        if (!("number" in heads[at].dataset) && cell.dataset.v === undefined) return text;
        const value = Number(cell.dataset.v ?? text);
        return Number.isNaN(value) ? null : value;
      });
      const words = cells.map((cell) => cell.textContent);
      const outcome = cells[keys.indexOf("outcome")].querySelector(".verdict");
      words[keys.indexOf("outcome")] = outcome === null ? "" : outcome.textContent;
      return { element, values, words, place, text: element.textContent.toLowerCase() };
    });

    let state = {};
    let matching = rows;
    let attached = 0;

    const collator = new Intl.Collator("en", { numeric: true });
    const compare = (at, sign) => (a, b) => {
      const [left, right] = [a.values[at], b.values[at]];
      if (left === right) return a.place - b.place;
      if (left === null || left === "") return 1; // What is not known comes last, either way.
      if (right === null || right === "") return -1;
      const order = typeof left === "number" ? left - right : collator.compare(left, right);
      return order === 0 ? a.place - b.place : order * sign;
    };

    const attach = () => {
      const more = matching.slice(attached, attached + CHUNK).map(({ element }) => element);
      attached += more.length;
      body.append(...more);
    };

    const apply = () => {
      const words = (state.q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
      const wanted = FILTERS.filter((name) => state[name]).map((name) => [
        keys.indexOf(name),
        state[name],
      ]);
      matching = rows.filter(
        (row) =>
          wanted.every(([at, value]) => row.words[at] === value) &&
          words.every((word) => row.text.includes(word)),
      );
      const at = keys.indexOf(state.sort);
      if (at >= 0) matching = matching.toSorted(compare(at, state.dir === "desc" ? -1 : 1));
      body.replaceChildren();
      attached = 0;
      attach();
      shown.textContent = `${matching.length} of ${rows.length} rows`;
      for (const [index, head] of heads.entries())
        if (index === at)
          head.setAttribute("aria-sort", state.dir === "desc" ? "descending" : "ascending");
        else head.removeAttribute("aria-sort");
    };

    const read = () => {
      state = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
      for (const name of ["q", ...FILTERS]) form.elements[name].value = state[name] ?? "";
      apply();
    };
    const write = () => {
      const kept = Object.entries(state).filter(([, value]) => value);
      history.replaceState(
        null,
        "",
        kept.length === 0 ? location.pathname + location.search : `#${new URLSearchParams(kept)}`,
      );
      apply();
    };

    for (const head of heads) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const again = state.sort === head.dataset.key;
        // Numbers are mostly looked at from the largest down.
        const first = "number" in head.dataset && head.dataset.key !== "task" ? "desc" : "asc";
        state.dir = again ? (state.dir === "desc" ? "asc" : "desc") : first;
        state.sort = head.dataset.key;
        write();
      });
    }

    form.addEventListener("input", ({ target }) => {
      state[target.name] = target.value;
      write();
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    addEventListener("hashchange", read, { signal });

    const move = (by) => {
      const links = () => [...body.querySelectorAll("a")];
      const at = links().indexOf(document.activeElement);
      if (at + by >= links().length) attach();
      const next = links()[at < 0 ? 0 : Math.max(0, at + by)];
      next?.focus();
      next?.scrollIntoView({ block: "nearest" });
    };
    const clear = () => {
      const { sort, dir } = state;
      state = { sort, dir };
      for (const name of ["q", ...FILTERS]) form.elements[name].value = "";
      write();
    };
    addEventListener(
      "keydown",
      (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const inSelect = event.target instanceof HTMLSelectElement;
        const typing = event.target instanceof HTMLInputElement;
        if (event.key === "/" && !typing) form.elements.q.focus();
        else if (event.key === "Escape") clear();
        else if (event.key === "ArrowDown" && !inSelect) move(1);
        else if (event.key === "ArrowUp" && !inSelect && !typing) move(-1);
        else return;
        event.preventDefault();
      },
      { signal },
    );

    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting) && attached < matching.length)
          attach();
      },
      { rootMargin: "1200px" },
    );
    observer.observe(document.querySelector("footer"));
    signal.addEventListener("abort", () => observer.disconnect());

    form.hidden = false;
    read();
  };

  addEventListener("tandem:renewed", start);
  whenReady(start);
})();
