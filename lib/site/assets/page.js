// The theme's button, putting compressed parts in place, and opening what a link points into.
(() => {
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const order = ["auto", "light", "dark"];
  const read = () => {
    try {
      return localStorage.getItem("tandem-theme") ?? "auto";
    } catch {
      return "auto"; // Storage may be switched off for files.
    }
  };
  const show = (theme) => {
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    button.textContent = `Theme: ${theme}`;
  };
  let theme = order.includes(read()) ? read() : "auto";
  show(theme);
  button.hidden = false;
  button.addEventListener("click", () => {
    theme = order[(order.indexOf(theme) + 1) % order.length];
    show(theme);
    try {
      localStorage.setItem("tandem-theme", theme);
    } catch {
      // The choice then holds for this page only.
    }
  });

  /** Other scripts give what they do to `whenReady`: it is called once all parts are in place. */
  const block = document.getElementById("packed");
  let waiting = block === null ? null : [];
  globalThis.whenReady = (callback) => {
    if (waiting === null) callback();
    else waiting.push(callback);
  };
  const partsOf = async (text) => {
    const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
    const whole = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return (await new Response(whole).text()).split("\0");
  };
  const unpack = async () => {
    const places = [...document.querySelectorAll("template[data-packed]")];
    try {
      const parts = await partsOf(block.content.textContent);
      for (const place of places) {
        place.previousElementSibling.remove(); // The note for browsers without scripts.
        place.innerHTML = parts[place.dataset.packed]; // Escaped when the page was written.
        place.replaceWith(place.content);
      }
      block.remove();
    } catch (error) {
      const note = document.createElement("p");
      note.className = "missing";
      note.textContent = `This browser cannot unpack the page's large parts: ${error.message}`;
      document.querySelector("h1").after(note);
    }
    const callbacks = waiting;
    waiting = null;
    for (const callback of callbacks) callback();
    // What the address points to was not there when the browser looked for it.
    if (location.hash !== "") location.replace(location.hash);
  };
  if (block !== null) unpack();

  const reveal = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id === "" ? null : document.getElementById(id);
    if (target === null) return;
    for (let at = target; at !== null; at = at.parentElement)
      if (at.tagName === "DETAILS") at.open = true;
    target.scrollIntoView({ block: "start" });
  };
  addEventListener("hashchange", reveal);
  whenReady(reveal);
})();
