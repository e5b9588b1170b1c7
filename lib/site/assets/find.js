// The search of an attempt's page: hits in everything that was said, done and printed, walked by n and N.
(() => {
  let before = new AbortController();
  const LONGEST = 400; // Hits that are marked at a time.
  const start = () => {
    before.abort();
    before = new AbortController();
    const { signal } = before;
    const field = document.getElementById("find");
    if (field === null) return;
    const { attempt } = globalThis;
    const hits = document.getElementById("hits");
    let found = [];
    let at = -1;

    /** Texts of what is shown: what stands on a step's line stands in it too. */
    const textsOf = (item) => {
      const texts = item.matches(".message")
        ? item.querySelectorAll("blockquote")
        : item.querySelectorAll("pre");
      return [...texts].flatMap((text) => {
        const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
        const nodes = [];
        while (walker.nextNode() !== null) nodes.push(walker.currentNode);
        return nodes;
      });
    };
    const rangeOf = ({ node, index, length }) => {
      const range = new Range();
      range.setStart(node, index);
      range.setEnd(node, index + length);
      return range;
    };
    const search = () => {
      found = [];
      at = -1;
      if (attempt.find !== "") {
        const form = new RegExp(attempt.find.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"), "gi");
        for (const item of attempt.visible())
          for (const node of textsOf(item))
            for (const { index, 0: text } of node.data.matchAll(form)) {
              found.push({ item, node, index, length: text.length });
            }
      }
      say();
    };
    const say = () => {
      const count = `${found.length} ${found.length === 1 ? "hit" : "hits"}`;
      hits.textContent = attempt.find === "" ? "" : at < 0 ? count : `${at + 1} of ${count}`;
      if (typeof Highlight === "undefined") return;
      const near = found.slice(Math.max(0, at - LONGEST / 2), Math.max(0, at) + LONGEST / 2);
      CSS.highlights.set("hit", new Highlight(...near.map(rangeOf)));
      CSS.highlights.set("hit-here", new Highlight(...(at < 0 ? [] : [rangeOf(found[at])])));
    };
    const step = (way) => {
      if (found.length === 0) return;
      // The first is the next one after the current step.
      const from = attempt.current;
      const after = found.findIndex(
        ({ item }) =>
          from !== null &&
          (item === from ||
            (from.compareDocumentPosition(item) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0),
      );
      const first = way > 0 ? Math.max(0, after) : after < 0 ? found.length - 1 : after - 1;
      at = ((at < 0 ? first : at + way) + found.length) % found.length;
      const { item } = found[at];
      const range = rangeOf(found[at]);
      attempt.go(item, { open: true, focus: document.activeElement !== field });
      attempt.writeAddress();
      const text = range.startContainer.parentElement.closest("pre, blockquote");
      const top = () => range.getBoundingClientRect().top;
      text.scrollTop += top() - text.getBoundingClientRect().top - text.clientHeight / 2;
      scrollBy({ top: top() - innerHeight / 2, behavior: "instant" });
      say();
    };

    field.value = attempt.find;
    field.addEventListener("input", () => {
      attempt.find = field.value;
      search();
      attempt.writeAddress();
    });
    field.form.addEventListener("submit", (event) => event.preventDefault());
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
      if (event.key !== "Escape") return;
      field.value = attempt.find = "";
      search();
      attempt.writeAddress();
      field.blur();
    });
    for (const button of field.form.querySelectorAll("button"))
      button.addEventListener("click", () => step(Number(button.dataset.way)));
    addEventListener(
      "keydown",
      (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select"))
          return;
        if (event.key === "/") {
          event.preventDefault();
          field.select();
          field.focus();
        }
        if (event.key === "n") step(1);
        if (event.key === "N") step(-1);
      },
      { signal },
    );
    addEventListener(
      "tandem:filtered",
      () => {
        if (field.value !== attempt.find) field.value = attempt.find;
        search();
      },
      { signal },
    );
    search();
  };
  addEventListener("tandem:renewed", start);
  whenReady(start);
})();
