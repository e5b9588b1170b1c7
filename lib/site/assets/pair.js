// The page of a pair: opening all steps, and walking through steps, messages and pairs by keyboard.
(() => {
  let before = new AbortController();
  const start = () => {
    before.abort(); // The live view puts new content in the place of the old one.
    before = new AbortController();
    const { signal } = before;
    const button = document.getElementById("unfold");
    const steps = () => [...document.querySelectorAll("details.step")];
    if (button !== null) {
      const show = () => {
        button.textContent = steps().every(({ open }) => open)
          ? "Close all steps"
          : "Open all steps";
      };
      show();
      button.hidden = false;
      button.addEventListener("click", () => {
        const open = !steps().every((step) => step.open);
        for (const step of steps()) step.open = open;
        show();
      });
    }
    addEventListener(
      "keydown",
      (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const way = { "[": "prev", "]": "next" }[event.key];
        if (way !== undefined) document.querySelector(`nav.way a[rel="${way}"]`)?.click();
        if (event.key !== "j" && event.key !== "k") return;
        const stops = [...document.querySelectorAll("details.step > summary")];
        const at = stops.indexOf(document.activeElement);
        const next = stops[at < 0 ? 0 : at + (event.key === "j" ? 1 : -1)];
        next?.focus();
        next?.scrollIntoView({ block: "center" });
      },
      { signal },
    );
  };
  addEventListener("tandem:renewed", start);
  whenReady(start);
})();
