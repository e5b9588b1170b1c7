// Copying and saving patches: one listener for all of a page, also for what comes to it later.
(() => {
  const bytesOf = (text) => {
    const given = JSON.parse(text);
    if (typeof given === "string") return given;
    return Uint8Array.from(atob(given.base64), (char) => char.charCodeAt(0));
  };
  const patchOf = (box) => {
    const exact = box.querySelector("template");
    if (exact !== null) return bytesOf(exact.content.textContent);
    return [...box.querySelectorAll("pre.diff")].map((pre) => pre.textContent).join("");
  };
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Files and plain HTTP may have no clipboard: the older way needs no permission.
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      if (!done) throw new Error("no clipboard");
    }
  };
  const save = (content, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([content], { type: "text/x-diff" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("button[data-patch]");
    if (!button) return;
    const tools = button.closest(".patch-tools");
    const said = tools.querySelector("output");
    const content = patchOf(button.closest(".patch-text"));
    try {
      if (button.dataset.patch === "save") save(content, tools.dataset.name);
      else await copy(typeof content === "string" ? content : new TextDecoder().decode(content));
      said.textContent = button.dataset.patch === "save" ? "" : "Copied.";
    } catch {
      said.textContent = "This browser does not let the page copy: select the text instead.";
    }
  });
})();
