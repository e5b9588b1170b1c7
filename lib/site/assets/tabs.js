// Tabs of a page whose chapters are all shown without scripts: the chosen one is in the address.
whenReady(() => {
  const known = () => [...document.querySelectorAll(".tabs a")];
  const panelOf = (tab) => document.getElementById(decodeURIComponent(tab.hash.slice(1)));
  let chosen = "";

  /** Shows one chapter; its tab alone is reached by Tab, the others by arrows. */
  const choose = (id) => {
    chosen = id;
    for (const tab of known()) {
      const panel = panelOf(tab);
      const isChosen = panel.id === id;
      panel.hidden = !isChosen;
      tab.setAttribute("aria-selected", isChosen);
      tab.tabIndex = isChosen ? 0 : -1;
    }
  };

  const enhance = () => {
    document.querySelector(".tabs ul").setAttribute("role", "tablist");
    document.querySelector(".tabs ul").setAttribute("aria-label", "Chapters");
    for (const tab of known()) {
      tab.parentElement.setAttribute("role", "presentation");
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", panelOf(tab).id);
      panelOf(tab).setAttribute("role", "tabpanel");
      panelOf(tab).tabIndex = -1;
    }
    document.getElementById("main").classList.add("tabbed");
    choose(chosen);
  };

  /** The chapter that the address names, or that holds what it names. */
  const follow = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id === "" ? null : document.getElementById(id);
    const panel = target?.closest(".panel");
    if (panel == null)
      return chosen === "" || id === "" ? choose(panelOf(known()[0]).id) : undefined;
    choose(panel.id);
    (panel === target ? document.querySelector(".tabs") : target).scrollIntoView({
      block: "start",
    });
  };

  const press = (tab, write) => {
    if (tab.getAttribute("aria-selected") !== "true") history[write](null, "", tab.hash);
    choose(panelOf(tab).id);
    const bar = document.querySelector(".tabs");
    if (bar.getBoundingClientRect().top <= 0) {
      panelOf(tab).scrollIntoView({ block: "start" });
    }
  };

  document.addEventListener("click", (event) => {
    const tab = event.target.closest?.(".tabs a");
    if (tab == null || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    press(tab, "pushState");
  });
  document.addEventListener("keydown", (event) => {
    const all = known();
    const at = all.indexOf(event.target);
    if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const to = {
      ArrowRight: (at + 1) % all.length,
      ArrowLeft: (at + all.length - 1) % all.length,
      Home: 0,
      End: all.length - 1,
      " ": at,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    all[to].focus();
    press(all[to], "replaceState");
  });
  addEventListener("popstate", follow);
  addEventListener("tandem:renewed", enhance);
  enhance();
  follow();
});
