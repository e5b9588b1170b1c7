// The live view: when the ledger changed, the page is asked for again and put in place; scroll, folds and filters stay.
(() => {
  const note = document.createElement("span");
  note.className = "live";
  note.setAttribute("role", "status");
  document.querySelector("header.top nav").append(note);
  const say = (text) => {
    if (note.textContent !== text) note.textContent = text;
  };

  let asking = false;
  let again = false;
  const renew = async () => {
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    try {
      const answer = await fetch(location.pathname, { cache: "no-store" });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      replace(fresh);
      say("live");
    } catch {
      say("not reached");
    }
    asking = false;
    if (again) {
      again = false;
      setTimeout(renew, 2000);
    }
  };

  const path = (element) => {
    if (element.id !== "") return `#${element.id}`;
    const place = [...element.parentElement.children].indexOf(element);
    return element.parentElement === document.body
      ? String(place)
      : `${path(element.parentElement)}>${place}`;
  };
  const folds = () => [...document.querySelectorAll("main details")];

  const replace = (fresh) => {
    const [main, next] = [document.getElementById("main"), fresh.getElementById("main")];
    if (next === null || main.innerHTML === next.innerHTML) return;
    const open = new Map(folds().map((fold) => [path(fold), fold.open]));
    const focused =
      document.activeElement === null || document.activeElement === document.body
        ? null
        : document.activeElement;
    const link = focused?.getAttribute("href") ?? null;
    const name = focused?.getAttribute("name") ?? null;
    const [x, y] = [scrollX, scrollY];
    main.replaceChildren(...next.childNodes);
    document.title = fresh.title;
    for (const fold of folds()) fold.open = open.get(path(fold)) ?? fold.open;
    dispatchEvent(new Event("tandem:renewed"));
    scrollTo(x, y);
    const same = [...main.querySelectorAll("a, input, select")].find(
      (element) =>
        (link !== null && element.getAttribute("href") === link) ||
        (name !== null && element.getAttribute("name") === name),
    );
    same?.focus({ preventScroll: true });
  };

  const events = new EventSource("/events");
  events.addEventListener("open", () => say("live"));
  events.addEventListener("error", () => say("not reached"));
  events.addEventListener("changed", renew);
})();
