// Copying and downloading the texts of a transcript, and folding long ones.
(() => {
  let before = new AbortController();
  const make = (tag, text, fields = {}) =>
    Object.assign(document.createElement(tag), { textContent: text, ...fields });

  const copy = async (button, text) => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "copied";
    } catch {
      button.textContent = "not allowed"; // By the browser; the download works.
    }
    setTimeout(() => (button.textContent = "copy"), 1500);
  };
  const download = (name, text) => {
    const address = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    make("a", "", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  };
  const takers = (what, name, text) => {
    const both = make("span", "", { className: "takers" });
    const copies = make("button", "copy", { type: "button", ariaLabel: `Copy ${what}` });
    copies.addEventListener("click", () => copy(copies, text()));
    const loads = make("button", "download", { type: "button", ariaLabel: `Download ${what}` });
    loads.addEventListener("click", () => download(name, text()));
    both.append(copies, loads);
    return both;
  };

  /** Puts the buttons of one step or message, once: of those that are opened only. */
  const equip = (item) => {
    if (item.querySelector(".takers") !== null) return;
    if (item.matches(".message"))
      item.querySelector(".message-head").append(
        " ",
        takers("this message", `${item.id}.txt`, () => messageText(item)),
      );
    const id = item.id === "" ? "told" : item.id;
    for (const [at, text] of [...item.querySelectorAll(".text")].entries()) {
      const [label, pre] = [text.querySelector(".label"), text.querySelector("pre")];
      const kind = label.textContent;
      label.after(
        " ",
        takers(kind, `${id}-${at + 1}.txt`, () => pre.textContent),
      );
      if (pre.scrollHeight <= pre.clientHeight + 2) continue;
      const lines = pre.textContent.split("\n").length;
      const more = make("button", `all ${lines} lines`, { type: "button", ariaExpanded: "false" });
      more.addEventListener("click", () => {
        const whole = pre.classList.toggle("whole");
        more.ariaExpanded = String(whole);
        more.textContent = whole ? "fewer lines" : `all ${lines} lines`;
      });
      label.after(" ", more);
    }
  };

  const headOf = (item) =>
    [...item.querySelector(".message-head").childNodes]
      .filter((node) => node.className !== "takers")
      .map((node) => node.textContent)
      .join("")
      .trim();
  const messageText = (item) => item.querySelector("blockquote").textContent;
  const stepText = (item) => {
    const texts = [...item.querySelectorAll(".text")].map(
      (text) =>
        `[${text.querySelector(".label").textContent}]\n${text.querySelector("pre").textContent}`,
    );
    const when = item.closest(".row").querySelector(".when").textContent;
    return `## ${item.querySelector(".who").textContent}, step ${item.querySelector("b").textContent} ${when}\n\n${texts.join("\n\n")}`;
  };
  const itemText = (item) =>
    item.matches(".step") ? stepText(item) : `## ${headOf(item)}\n\n${messageText(item)}`;
  const wholeText = (agent) =>
    `${[...document.querySelectorAll(".transcript .step, .transcript .message")]
      .filter((item) => agent === undefined || belongs(item, agent))
      .map(itemText)
      .join("\n\n")}\n`;
  const belongs = (item, agent) =>
    item.matches(".step")
      ? item.querySelector(".who").textContent === agent
      : [...item.querySelectorAll(".message-head b")].some((name) => name.textContent === agent);

  const start = () => {
    before.abort();
    before = new AbortController();
    const { signal } = before;
    const openings = document.querySelector(".openings");
    if (openings === null) return;
    for (const message of document.querySelectorAll(".transcript .message")) equip(message);
    document.addEventListener(
      "toggle",
      ({ target }) => target.open && target.matches(".step, .opening") && equip(target),
      { signal, capture: true },
    );
    for (const step of document.querySelectorAll(".step[open]")) equip(step);
    const agents = [...document.querySelectorAll(".lane-head")].map((head) => head.textContent);
    const whole = make("p", "Transcript ", { className: "whole-text" });
    for (const agent of agents)
      whole.append(
        ` of ${agent} `,
        takers(`the transcript of ${agent}`, `${agent}.txt`, () => wholeText(agent)),
      );
    if (agents.length > 1)
      whole.append(
        " of all ",
        takers("the transcript of all", "transcript.txt", () => wholeText()),
      );
    openings.append(whole);
  };
  addEventListener("tandem:renewed", start);
  whenReady(start);
})();
