// A whole site in one file: the address behind `?` names the page, which is unpacked here; what is behind `#` is the page's own.
(async () => {
  const FIRST = "index.html";
  const path = decodeURIComponent(location.search.slice(1)) || FIRST;
  const unpacked = async (block) => {
    const bytes = Uint8Array.from(atob(block.content.textContent), (sign) => sign.charCodeAt(0));
    const whole = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return new Response(whole).json();
  };
  const note = document.getElementById("note");
  const blocks = [...document.querySelectorAll("template[data-page]")];
  const block = blocks.find(({ dataset }) => dataset.page === path);
  if (block === undefined) {
    note.textContent = `This file has no page ${path}: it begins with `;
    const first = document.createElement("a");
    first.href = `?${FIRST}`;
    first.textContent = "the overview";
    note.append(first);
    return;
  }

  /** A link from this page as an address in this file; others stay. */
  const within = (href) => {
    if (/^([a-z]+:|[#?/])/i.test(href)) return href;
    const { pathname, hash } = new URL(
      href,
      `file:///${path.split("/").map(encodeURIComponent).join("/")}`,
    );
    return `?${pathname.slice(1)}${hash}`;
  };
  const renew = (link) => {
    const href = link.getAttribute("href");
    if (href !== null && within(href) !== href) link.setAttribute("href", within(href));
  };

  try {
    const [shared, page] = await Promise.all([
      unpacked(document.getElementById("shared")),
      unpacked(block),
    ]);
    for (const one of [...blocks, document.getElementById("shared")]) one.remove();
    const style = document.createElement("style");
    style.textContent = shared[page.style];
    const body = document.createElement("template");
    body.innerHTML = page.body; // Escaped when the site was written.
    for (const link of body.content.querySelectorAll("a[href]")) renew(link);
    document.head.append(style);
    document.title = page.title;
    document.body.className = page.class;
    document.body.replaceChildren(body.content);
    // Links that a page's own scripts make later.
    for (const event of ["click", "auxclick"])
      addEventListener(
        event,
        ({ target }) => {
          const link = target instanceof Element ? target.closest("a[href]") : null;
          if (link !== null) renew(link);
        },
        true,
      );
    for (const number of page.scripts) {
      const script = document.createElement("script");
      script.textContent = shared[number];
      document.body.append(script);
    }
    if (location.hash !== "") location.replace(location.hash);
  } catch (error) {
    note.textContent = `This browser cannot unpack the page: ${error.message}`;
  }
})();
