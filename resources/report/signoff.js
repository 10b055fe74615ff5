// Only comfort: without it everything can be read, opened, filtered and printed.
(() => {
  const annexes = [...document.querySelectorAll("details.annex")];
  const folded = [...document.querySelectorAll("details")];
  const button = document.getElementById("open-all");
  const all = (open) => annexes.forEach((annex) => { annex.open = open; });
  const label = () => { button.textContent = annexes.every((annex) => annex.open) ? "Close all annexes" : "Open all annexes"; };
  button.hidden = annexes.length === 0;
  button.addEventListener("click", () => { all(!annexes.every((annex) => annex.open)); label(); });
  annexes.forEach((annex) => annex.addEventListener("toggle", label));
  label();

  // A link to a promise opens its annex, also in browsers that do not do so by themselves.
  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const annex = target && target.closest("details");
    if (annex) { annex.open = true; target.scrollIntoView(); }
  };
  addEventListener("hashchange", reveal);
  reveal();

  let before = [];
  addEventListener("beforeprint", () => { before = folded.map((part) => part.open); folded.forEach((part) => { part.open = true; }); });
  addEventListener("afterprint", () => folded.forEach((part, index) => { part.open = before[index]; }));

  const table = document.getElementById("overview");
  const bodies = [...table.tBodies];
  const order = bodies.map((body) => [...body.rows]);
  const heads = [...table.tHead.rows[0].cells];
  const sortBy = (column, kind, direction) => {
    bodies.forEach((body, index) => {
      const [group, ...rows] = order[index];
      const key = (row) => (kind === "rank" ? Number(row.dataset.rank) : row.cells[column].textContent.trim());
      const compare = (a, b) => (kind === "rank" ? key(a) - key(b) : key(a).localeCompare(key(b), "en", { numeric: true }));
      const sorted = direction === "none" ? rows : [...rows].sort((a, b) => compare(a, b) * (direction === "ascending" ? 1 : -1));
      body.replaceChildren(group, ...sorted);
    });
  };
  const next = { none: "descending", descending: "ascending", ascending: "none" };
  heads.forEach((head, column) => {
    if (!head.dataset.sort) return;
    const words = document.createElement("button");
    words.type = "button";
    words.textContent = head.textContent;
    head.replaceChildren(words);
    words.addEventListener("click", () => {
      const direction = next[head.getAttribute("aria-sort") || "none"];
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      if (direction !== "none") head.setAttribute("aria-sort", direction);
      sortBy(column, head.dataset.sort, direction);
    });
  });
})();
