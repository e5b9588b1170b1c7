// The live view: when the ledger changed, the page is asked for again and put in place; the reader's place, folds, fields and filters stay.
(() => {
  const note = document.createElement("span");
  note.className = "live";
  note.setAttribute("role", "status");
  document.querySelector("header.top nav").append(note);
  const say = (text) => {
    if (note.textContent !== text) note.textContent = text;
  };

  const path = (element, root) => {
    if (element.id !== "") return `#${element.id}`;
    if (element === root || element.parentElement === null) return "";
    const place = [...element.parentElement.children].indexOf(element);
    return `${path(element.parentElement, root)}>${place}`;
  };
  const FIELDS = "input, select, textarea";
  const nameOf = (element) =>
    ["name", "href", "data-ask", "data-annotate", "id"]
      .map((name) => [name, element.getAttribute(name)])
      .find(([, value]) => value !== null);
  const like = (root, name) =>
    name === undefined
      ? undefined
      : [...root.querySelectorAll(`[${name[0]}]`)].find(
          (element) => element.getAttribute(name[0]) === name[1],
        );

  /** What a reader did to a part of the page, to be done again to what takes its place. */
  const stateOf = (root) => {
    const folds = [...root.querySelectorAll("details")].map((fold) => [
      path(fold, root),
      fold.open,
    ]);
    const fields = [...root.querySelectorAll(FIELDS)].map((field) => [nameOf(field), field.value]);
    const focused = root.contains(document.activeElement) ? document.activeElement : null;
    const caret = focused?.selectionStart;
    return { folds: new Map(folds), fields, focused: focused && nameOf(focused), caret };
  };
  const restore = (root, { folds, fields }) => {
    for (const fold of root.querySelectorAll("details"))
      fold.open = folds.get(path(fold, root)) ?? fold.open;
    for (const [name, value] of fields) {
      const field = like(root, name);
      if (field !== undefined && field.value !== value) field.value = value;
    }
  };
  const focus = (root, { focused, caret }) => {
    if (focused === null) return;
    const same = like(root, focused);
    same?.focus({ preventScroll: true });
    if (typeof caret === "number" && same?.type !== "number")
      same?.setSelectionRange?.(caret, caret);
  };
  /** The first thing with a name that the reader sees, and where: so that nothing moves under their eyes. */
  const placeOf = (root) => {
    const seen = [...root.querySelectorAll("[id]")].find(
      (element) =>
        element.getClientRects().length > 0 && element.getBoundingClientRect().bottom > 60,
    );
    return seen === undefined ? undefined : { id: seen.id, top: seen.getBoundingClientRect().top };
  };

  const replaceMain = (fresh) => {
    const [main, next] = [document.getElementById("main"), fresh.getElementById("main")];
    if (next === null || shown === next.innerHTML) return;
    shown = next.innerHTML;
    const [state, place, y] = [stateOf(main), placeOf(main), scrollY];
    main.replaceChildren(...next.childNodes);
    document.title = fresh.title;
    restore(main, state);
    dispatchEvent(new Event("tandem:renewed"));
    const same = place && document.getElementById(place.id);
    scrollTo(scrollX, y);
    if (same) scrollBy(0, same.getBoundingClientRect().top - place.top);
    focus(main, state);
  };
  const replaceSection = (fresh) => {
    const [old, next] = [document.getElementById("under-way"), fresh.getElementById("under-way")];
    if (old === null || next === null) return;
    const state = stateOf(old);
    const scrolled = [...old.querySelectorAll(".scroll")].map((part) => part.scrollLeft);
    old.replaceWith(next);
    restore(next, state);
    for (const [at, part] of [...next.querySelectorAll(".scroll")].entries())
      part.scrollLeft = scrolled[at] ?? 0;
    focus(next, state);
  };
  /** The page as it was served: changes that scripts make to it do not count. */
  let shown = document.getElementById("main").innerHTML;

  let tag = null;
  const get = async (from, to) => {
    const headers = tag === null || from !== location.pathname ? {} : { "x-tandem-stamp": tag };
    const answer = await fetch(from, { cache: "no-store", headers });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    if (answer.status === 204) return;
    if (from === location.pathname) tag = answer.headers.get("x-tandem-stamp");
    to(new DOMParser().parseFromString(text, "text/html"));
  };
  const follows = () => document.querySelector("[data-follow]") !== null;
  const renewals = {
    changed: () => get(location.pathname, replaceMain),
    beat: async () => {
      if (document.getElementById("under-way") !== null)
        await get("/under-way.html", replaceSection);
      else if (follows()) await get(location.pathname, replaceMain);
    },
  };

  /** One question at a time; what happens meanwhile is asked for after it. Nothing moves while a text is being selected. */
  const PAUSE = { changed: 2000, beat: 500 };
  const wanted = new Set();
  let asking = false;
  const selecting = () => !(getSelection()?.isCollapsed ?? true);
  const renew = async (event) => {
    wanted.add(event);
    if (asking) return;
    asking = true;
    while (wanted.size > 0) {
      const next = wanted.has("changed") ? "changed" : "beat";
      wanted.clear();
      try {
        while (selecting()) await new Promise((resolve) => setTimeout(resolve, 500));
        await renewals[next]();
        say("live");
      } catch {
        say("not reached");
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE[next]));
    }
    asking = false;
  };

  const events = new EventSource("/events");
  let opened = false;
  events.addEventListener("open", () => {
    say("live");
    // What happened while the server was away was not announced.
    if (opened) renew("changed");
    opened = true;
  });
  events.addEventListener("error", () => say("not reached"));
  events.addEventListener("changed", () => renew("changed"));
  events.addEventListener("beat", () => renew("beat"));
})();
