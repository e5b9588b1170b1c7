// The page of a pair: shows two of its attempts next to each other; which two is in the address.
whenReady(() => {
  const words = (count, one, many) => `${count} ${count === 1 ? one : many}`;
  let before = new AbortController();

  const start = () => {
    before.abort(); // The live view puts new content in the place of the old one.
    before = new AbortController();
    const { signal } = before;
    const side = document.getElementById("side");
    const [a, b, show] = ["side-a", "side-b", "side-show"].map((id) => document.getElementById(id));
    const keys = [...a.options].map((option) => option.value);
    const names = [...a.options].map((option) => option.textContent.replace(/: [^:]*$/, ""));
    let chosen = { a: Number(side.dataset.a), b: Number(side.dataset.b) };

    const read = () => {
      const asked = new URLSearchParams(location.hash.slice(1));
      const given = (name) => {
        const at = keys.indexOf(asked.get(name));
        return at < 0 ? chosen[name] : at;
      };
      const wanted = { a: given("a"), b: given("b") };
      if (wanted.a === wanted.b) wanted[asked.has("b") ? "a" : "b"] = wanted.a === 0 ? 1 : 0;
      chosen = wanted;
      show.value = asked.get("show") === "merged" ? "merged" : "handed";
      draw();
    };

    const write = () => {
      const state = new URLSearchParams({ a: keys[chosen.a], b: keys[chosen.b] });
      if (show.value !== "handed") state.set("show", show.value);
      history.replaceState(null, "", `#${state}`);
      draw();
    };

    const choose = (name, other, value) => {
      if (value === chosen[other]) chosen[other] = chosen[name];
      chosen[name] = value;
      write();
    };

    /** Puts the cells of the two in order; the others are hidden. */
    const arrange = (row) => {
      const cells = [...row.querySelectorAll("[data-attempt]")];
      const of = (at) => cells.find((cell) => Number(cell.dataset.attempt) === at);
      const [left, right] = [of(chosen.a), of(chosen.b)];
      for (const cell of cells) {
        cell.hidden = cell !== left && cell !== right;
        cell.classList.toggle("right", cell === right);
      }
      if (left && right && left.compareDocumentPosition(right) & Node.DOCUMENT_POSITION_PRECEDING)
        right.before(left);
      return { left, right };
    };

    const mark = (cell, other) => {
      let met = 0;
      if (cell === undefined) return met;
      const part = show.value === "merged" ? ".as-merged" : ".as-handed";
      for (const hunk of cell.querySelectorAll(".lines")) {
        const meets = (hunk.dataset.with ?? "").split(" ").includes(String(other));
        hunk.classList.toggle("both", meets);
        if (meets && hunk.closest(part)) met++;
      }
      return met;
    };

    const drawFiles = () => {
      const total = { files: 0, both: 0, left: 0, right: 0 };
      for (const row of document.querySelectorAll("#files .file-row")) {
        const { left, right } = arrange(row);
        row.hidden = !left && !right;
        if (row.hidden) continue;
        const met = { left: mark(left, chosen.b), right: mark(right, chosen.a) };
        row.querySelector(".row-words").textContent = fileWords({ left, right, met });
        total.files++;
        if (left && right) total.both++;
        total.left += met.left;
        total.right += met.right;
      }
      const overlap =
        total.left + total.right === 0
          ? "No hunks change the same lines."
          : `Where both change the same lines of the base is marked: ${words(total.left, "hunk", "hunks")} on the left, ${words(total.right, "hunk", "hunks")} on the right.`;
      document.getElementById("files-note").textContent =
        total.files === 0
          ? "Neither attempt changes a file."
          : `${words(total.files, "file", "files")}, ${total.both} changed by both. ${overlap}`;
    };

    const fileWords = ({ left, right, met }) => {
      if (!right) return `only ${names[chosen.a]}`;
      if (!left) return `only ${names[chosen.b]}`;
      if (met.left + met.right === 0) return "both, in different lines";
      return `both; hunks in the same lines: ${met.left} left, ${met.right} right`;
    };

    const draw = () => {
      a.value = keys[chosen.a];
      b.value = keys[chosen.b];
      side.dataset.show = show.value;
      for (const row of document.querySelectorAll("#facts tr")) {
        const { left, right } = arrange(row);
        if (left.tagName === "TD")
          row.classList.toggle("differs", left.textContent !== right.textContent);
      }
      let said = { left: 0, right: 0 };
      for (const row of document.querySelectorAll("#talks .pairing")) {
        const { left, right } = arrange(row);
        row.hidden = !left && !right;
        said = { left: said.left + (left ? 1 : 0), right: said.right + (right ? 1 : 0) };
      }
      document.getElementById("talks-note").textContent =
        said.left + said.right === 0
          ? "Neither attempt has messages."
          : `${words(said.left, "message", "messages")} on the left, ${said.right} on the right, each beside the one of the same number.`;
      drawFiles();
    };

    a.addEventListener("change", () => choose("a", "b", a.selectedIndex));
    b.addEventListener("change", () => choose("b", "a", b.selectedIndex));
    show.addEventListener("change", write);
    document.getElementById("swap").addEventListener("click", () => {
      chosen = { a: chosen.b, b: chosen.a };
      write();
    });
    addEventListener("hashchange", read, { signal });
    read();
  };
  addEventListener("tandem:renewed", start);
  start();
});
