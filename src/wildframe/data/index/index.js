// The index of a run: tables are sorted, exhibits are filtered. Without it, the page shows all.

const NUMBER = /[-+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?/i;
const words = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Return the first number of a cell, or NaN: 31.5 of "31.5 [22.0, 42.2]". */
function numberOf(text) {
  const found = NUMBER.exec(text);
  if (!found) return NaN;
  const value = Number(found[0].replaceAll(",", ""));
  // What is less than a number comes before it.
  return /^\s*</.test(text) ? value * (1 - 1e-9) : value;
}

/** Return the rows of a column in order; those that say nothing of it are last, either way. */
function sorted(rows, column, descending, numeric) {
  const keys = new Map();
  for (const row of rows) {
    const text = row.cells[column].textContent.trim();
    keys.set(row, numeric ? numberOf(text) : text);
  }
  const says = (row) => (numeric ? !Number.isNaN(keys.get(row)) : keys.get(row) !== "");
  const compare = (one, other) => {
    const [a, b] = [keys.get(one), keys.get(other)];
    return (numeric ? a - b : words.compare(a, b)) * (descending ? -1 : 1);
  };
  return [...rows.filter(says).sort(compare), ...rows.filter((row) => !says(row))];
}

/** Let a click on the head of a column sort its table: one way, the other, and as it was. */
function makeSortable(table) {
  const body = table.tBodies[0];
  if (!body) return;
  const heads = [...table.tHead.rows[0].cells];
  const original = [...body.rows];
  heads.forEach((head, column) => {
    const numeric = head.classList.contains("number");
    // Of numbers the largest are looked for first.
    const steps = numeric ? ["descending", "ascending"] : ["ascending", "descending"];
    const button = element("button", { type: "button" }, ...head.childNodes);
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const step = steps[steps.indexOf(head.getAttribute("aria-sort")) + 1];
      for (const other of heads) other.removeAttribute("aria-sort");
      if (step) head.setAttribute("aria-sort", step);
      const rows = step ? sorted(original, column, step === "descending", numeric) : original;
      body.append(...rows);
    });
  });
}

const articles = [...document.querySelectorAll("article")];
const textOf = new Map(articles.map((one) => [one, one.textContent.toLowerCase()]));
const linkOf = new Map(
  [...document.querySelectorAll("#contents [data-of]")].map((one) => [one.dataset.of, one]),
);

/** Show the exhibits that have all words, and the headings that have exhibits. */
function filterExhibits() {
  const wanted = by("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const article of articles) {
    const text = textOf.get(article);
    const shown = wanted.every((word) => text.includes(word));
    article.hidden = !shown;
    linkOf.get(article.id).hidden = !shown;
    count += shown;
  }
  for (const section of document.querySelectorAll("main section")) {
    section.hidden = !section.querySelector("article:not([hidden])");
  }
  for (const section of document.querySelectorAll("#contents section")) {
    section.hidden = !section.querySelector("li:not([hidden])");
  }
  by("nothing").hidden = count > 0;
  by("found").textContent = wanted.length ? `${count} of ${articles.length}` : "";
}

/** Mark in the contents which exhibit is being read. */
function followReading() {
  const seen = new Set();
  const observer = new IntersectionObserver(
    (changes) => {
      for (const { target, isIntersecting } of changes) {
        if (isIntersecting) seen.add(target);
        else seen.delete(target);
      }
      const current = articles.find((one) => seen.has(one));
      for (const [anchor, item] of linkOf) {
        item.firstElementChild.ariaCurrent = anchor === current?.id ? "true" : null;
      }
    },
    { rootMargin: "-10% 0px -60% 0px" },
  );
  for (const article of articles) observer.observe(article);
}

for (const table of document.querySelectorAll(".scroll table:not(.funnel)")) makeSortable(table);
for (const part of document.querySelectorAll(".scripted")) part.hidden = false;
by("contents").open = matchMedia("(min-width: 801px)").matches;
by("filter").addEventListener("input", filterExhibits);
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.closest("input, textarea, select")) return;
  event.preventDefault();
  by("filter").focus();
});
followReading();
