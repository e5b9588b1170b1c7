// The outline of an attempt's page with the steps that matter, and on its clock the stretch of time that is in sight.
(() => {
  let before = new AbortController();
  const make = (tag, text, fields = {}) =>
    Object.assign(document.createElement(tag), { textContent: text, ...fields });

  const outline = () => {
    const part = document.querySelector('.outline [data-part="trajectories"]');
    if (part === null) return;
    const list = make("ol", "", { className: "moments" });
    const WORDS = { failed: "failed", edit: "edits", test: "tests", broken: "broken promise" };
    for (const item of document.querySelectorAll(".transcript .step, .transcript .message")) {
      const kinds = item.dataset.kinds.split(" ").filter((kind) => WORDS[kind] !== undefined);
      const step = item.matches(".step");
      if (step && !kinds.some((kind) => kind !== "test")) continue;
      const agent = [...item.classList].find((name) => /^a\d$/.test(name)) ?? "";
      const link = make("a", "", { href: `#${encodeURIComponent(item.id)}`, className: agent });
      const who = step
        ? item.querySelector(".who").textContent
        : [...item.querySelectorAll(".message-head b")].map((name) => name.textContent).join(" → ");
      link.classList.toggle("here", item === globalThis.attempt.current);
      link.append(make("b", step ? `${who} ${item.querySelector("b").textContent}` : who));
      const gist = step
        ? ((item.querySelector("code.gist") ?? item.querySelector(".gist"))?.textContent ?? "")
        : item.querySelector("blockquote").textContent.trim().slice(0, 80);
      link.append(
        ` ${kinds.map((kind) => WORDS[kind]).join(", ")}`,
        make("span", gist, { className: "what" }),
      );
      const entry = make("li", "", {
        className: kinds.some((kind) => kind === "failed" || kind === "broken") ? "failed" : "",
      });
      entry.append(link);
      list.append(entry);
    }
    part.querySelector(".moments")?.remove();
    if (list.childElementCount > 0) part.append(list);
  };

  /** Shows on the clock which stretch of time is in sight. */
  const frame = (signal) => {
    const rows = [...document.querySelectorAll(".transcript > .row[data-at]")];
    const clocks = [...document.querySelectorAll(".timeline")];
    if (rows.length === 0) return;
    const frames = clocks.map((clock) => {
      const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      rect.setAttribute("class", "frame");
      rect.setAttribute("y", "0");
      rect.setAttribute("height", String(clock.viewBox.baseVal.height - 18));
      clock.append(rect);
      return rect;
    });
    const draw = () => {
      const top = document.querySelector(".stuck").getBoundingClientRect().bottom;
      const seen = rows.filter((row) => {
        const box = row.getBoundingClientRect();
        return box.height > 0 && box.bottom > top && box.top < innerHeight;
      });
      for (const [at, rect] of frames.entries()) {
        const { left, right, end } = clocks[at].dataset;
        const x = (row) => Number(left) + (Number(row.dataset.at) / Number(end)) * (right - left);
        rect.setAttribute("visibility", seen.length === 0 ? "hidden" : "visible");
        if (seen.length === 0) continue;
        rect.setAttribute("x", String(x(seen[0])));
        rect.setAttribute("width", String(Math.max(4, x(seen.at(-1)) - x(seen[0]))));
      }
    };
    let asked = false;
    const ask = () => {
      if (asked) return;
      asked = true;
      requestAnimationFrame(() => {
        asked = false;
        draw();
      });
    };
    for (const event of ["scroll", "resize", "tandem:filtered"])
      addEventListener(event, ask, { signal, passive: true });
    document.addEventListener("toggle", ask, { signal, capture: true });
    draw();
  };

  const start = () => {
    before.abort();
    before = new AbortController();
    const { signal } = before;
    const folded = document.querySelector(".outline details");
    if (folded !== null) folded.open = matchMedia("(min-width: 75rem)").matches;
    outline();
    const stuck = document.querySelector(".stuck");
    if (stuck === null) return;
    const measure = new ResizeObserver(() =>
      document.documentElement.style.setProperty("--stuck", `${stuck.offsetHeight}px`),
    );
    measure.observe(stuck);
    signal.addEventListener("abort", () => measure.disconnect());
    frame(signal);
  };
  addEventListener("tandem:renewed", start);
  whenReady(start);
})();
