// The page of an attempt: walking through steps and messages, filters, the jump to a step, the outline, and all of it in the address.
(() => {
  let before = new AbortController();
  // `#<id of a step>&show=<kinds>&find=<text>`: without the `&` an address leaves filters as they are.
  const shared = { show: new Set(), find: "", current: null };
  globalThis.attempt = shared;
  shared.items = () => [...document.querySelectorAll(".transcript .step, .transcript .message")];
  shared.visible = () => shared.items().filter((item) => !item.classList.contains("off"));

  const readAddress = () => {
    const [id, ...rest] = location.hash.slice(1).split("&");
    const given = new URLSearchParams(rest.join("&"));
    if (rest.length > 0) {
      shared.show = new Set((given.get("show") ?? "").split(" ").filter((kind) => kind !== ""));
      shared.find = given.get("find") ?? "";
    }
    try {
      return document.getElementById(decodeURIComponent(id));
    } catch {
      return null; // Not an address of ours.
    }
  };
  shared.writeAddress = () => {
    const given = new URLSearchParams();
    if (shared.show.size > 0) given.set("show", [...shared.show].join(" "));
    if (shared.find !== "") given.set("find", shared.find);
    const id = shared.current === null ? "" : encodeURIComponent(shared.current.id);
    const hash = given.size > 0 ? `${id}&${given}` : id;
    const [page] = location.href.split("#");
    history.replaceState(null, "", hash === "" ? page : `${page}#${hash}`);
  };

  /** Makes a step or message the current one; `open` shows all of it. */
  shared.go = (item, { open = false, focus = true, scroll = true } = {}) => {
    shared.current?.removeAttribute("aria-current");
    shared.current = item;
    item.setAttribute("aria-current", "step");
    for (let at = item; at !== null; at = at.parentElement)
      if (at.tagName === "DETAILS" && (open || at !== item)) at.open = true;
    const stop = item.querySelector(":scope > summary") ?? item;
    if (stop === item) item.tabIndex = -1;
    if (focus) stop.focus({ preventScroll: true });
    if (scroll) {
      const tall = item.offsetHeight > innerHeight / 2;
      item.scrollIntoView({ block: tall ? "start" : "center", behavior: "instant" });
    }
    for (const link of document.querySelectorAll(".outline a, .timeline a")) {
      const here = decodeURIComponent(link.getAttribute("href").slice(1)) === item.id;
      link.classList.toggle("here", here);
      if (here && link.closest(".outline")) link.scrollIntoView({ block: "nearest" });
    }
  };

  const filter = () => {
    const all = shared.items();
    let count = 0;
    for (const item of all) {
      const kinds = item.dataset.kinds.split(" ");
      const on = shared.show.size === 0 || kinds.some((kind) => shared.show.has(kind));
      item.classList.toggle("off", !on && item !== shared.current);
      if (on) count++;
    }
    for (const row of document.querySelectorAll(".transcript > .row"))
      row.classList.toggle("off", row.querySelector(":scope > :not(.when, .off)") === null);
    for (const button of document.querySelectorAll(".kinds button"))
      button.setAttribute("aria-pressed", shared.show.has(button.dataset.kind));
    const shown = document.getElementById("shown");
    shown.textContent = shared.show.size === 0 ? "" : `${count} of ${all.length} shown`;
    dispatchEvent(new Event("tandem:filtered"));
  };

  const walk = (way) => {
    const stops = shared.visible();
    const focused = document.activeElement?.closest(".step, .message");
    const at = stops.indexOf(focused ?? shared.current);
    const top = document.querySelector(".stuck").getBoundingClientRect().bottom;
    const below = stops.findIndex((item) => item.getBoundingClientRect().top >= top - 2);
    const next = stops[at >= 0 ? at + way : below < 0 ? stops.length - 1 : below];
    if (next === undefined) return;
    shared.go(next);
    shared.writeAddress();
  };

  /** `12` is a step of the current agent, else of the first that has it; `2:12` and `agent2 12` name the agent. */
  const jump = (text) => {
    const [, agent = "", number] = /^\s*(?:(.*?)[\s:.])?\s*(\d+)\s*$/.exec(text) ?? [];
    const agents = [...document.querySelectorAll(".lane-head")].map((head) => head.textContent);
    const own = agents.find((name) => shared.current?.id.startsWith(`${name}-step-`));
    const named = agents.find((name, at) => name === agent || String(at + 1) === agent);
    const order = agent === "" ? [own, ...agents] : [named];
    const found = order
      .map((name) => document.getElementById(`${name}-step-${number}`))
      .find((item) => item !== null);
    const field = document.getElementById("jump");
    field.setCustomValidity(found === undefined ? "There is no such step" : "");
    if (found === undefined) return field.reportValidity();
    shared.go(found, { open: true });
    filter();
    shared.writeAddress();
  };

  const openAll = () => {
    const steps = shared.visible().filter((item) => item.tagName === "DETAILS");
    const open = !steps.every((step) => step.open);
    for (const step of steps) step.open = open;
    sayOpen();
  };
  const sayOpen = () => {
    const steps = [...document.querySelectorAll("details.step:not(.off)")];
    const all = steps.every(({ open }) => open);
    document.getElementById("unfold").textContent = all ? "Close all steps" : "Open all steps";
  };

  const KEYS = {
    j: () => walk(1),
    k: () => walk(-1),
    e: openAll,
    g: () => document.getElementById("jump").focus(),
  };
  const start = () => {
    before.abort(); // The live view puts new content in the place of the old one.
    before = new AbortController();
    const { signal } = before;
    const tools = document.querySelector(".walk");
    const follow = () => {
      const item = readAddress();
      if (tools === null) return;
      if (item?.matches(".step, .message")) shared.go(item, { open: true });
      filter();
      if (location.hash !== "") shared.writeAddress();
    };
    addEventListener(
      "keydown",
      (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select"))
          return;
        const way = { "[": "prev", "]": "next" }[event.key];
        if (way !== undefined) document.querySelector(`nav.way a[rel="${way}"]`)?.click();
        if (tools === null || KEYS[event.key] === undefined) return;
        event.preventDefault();
        KEYS[event.key]();
      },
      { signal },
    );
    if (tools === null) return;
    tools.hidden = false;
    for (const button of tools.querySelectorAll(".kinds button"))
      button.addEventListener("click", () => {
        const { kind } = button.dataset;
        if (!shared.show.delete(kind)) shared.show.add(kind);
        filter();
        shared.writeAddress();
      });
    tools.querySelector(".jump").addEventListener("submit", (event) => {
      event.preventDefault();
      jump(document.getElementById("jump").value);
    });
    document
      .getElementById("jump")
      .addEventListener("input", (event) => event.target.setCustomValidity(""));
    document.getElementById("unfold").addEventListener("click", openAll);
    document.addEventListener("toggle", sayOpen, { signal, capture: true });
    addEventListener("hashchange", follow, { signal });
    sayOpen();
    follow();
  };
  addEventListener("tandem:renewed", start);
  whenReady(start);
})();
