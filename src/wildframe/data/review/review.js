// One pair at a time: its images, its tags, and saving of decisions.
"use strict";

(() => {
  const stage = by("stage");
  const notes = by("notes");
  const SIDES = ["anchor", "candidate"];
  const FASTEST = 350; // ms between two flips while the key is held: faster is flashing
  const ALL_DONE = "All pairs are reviewed, thank you. Run snakemake as before: it goes on, or says who still reviews what. " +
    "You can still go back and correct decisions.";
  const AGREED = ["correct", "similar"];

  let review; // the server's facts
  let decided; // number of a pair -> its saved decision
  let at = 0; // pair on the page
  let flippedAt = -Infinity;
  let isSending = false;
  let isPointing = false; // the mouse was used last, not the keyboard
  const drafts = new Map(); // number of a pair -> tags and notes that are not submitted
  const boxes = new Map(); // label -> its tick

  // ---- The server -----------------------------------------------------------------------------

  async function ask(address, options) {
    let response;
    try {
      response = await fetch(address, options);
    } catch {
      throw new Error(
        "The server does not respond. Start `wildframe reviews serve` again and open its page: " +
          "submitted decisions are saved.",
      );
    }
    const content = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(content.problem ?? `The server failed (${response.status}).`);
    return content;
  }

  function tell(text, isProblem = false) {
    by("message").textContent = text;
    by("message").classList.toggle("problem", isProblem);
  }

  // ---- What is ticked -------------------------------------------------------------------------

  const ticked = () => [...boxes].filter(([, box]) => box.checked).map(([name]) => name);

  function tick(names) {
    for (const [name, box] of boxes) box.checked = names.includes(name);
  }

  function keepDraft() {
    drafts.set(at, { tags: ticked(), notes: notes.value });
  }

  // A bad anchor is bad in its other pairs, too.
  function isAnchorBad(anchor) {
    for (const [number, { tags }] of decided) {
      if (review.pairs[number].anchor.id === anchor && tags.includes("bad-anchor")) return true;
    }
    return false;
  }

  function startingPoint() {
    const kept = drafts.get(at) ?? decided.get(at);
    if (kept) return kept;
    return { tags: isAnchorBad(review.pairs[at].anchor.id) ? ["bad-anchor"] : [], notes: "" };
  }

  // ---- What is shown --------------------------------------------------------------------------

  const address = ({ id, version }) => `images/${encodeURIComponent(id)}?${version}`;

  function showSide(name) {
    const side = review.pairs[at][name];
    const figure = by(name);
    figure.querySelector(".names").textContent = side.labels.join(", ");
    const place = figure.querySelector(".place");
    place.textContent = side.frame === null ? side.media : `frame ${side.frame} of ${side.media}`;
    place.title = place.textContent;
    // A new element: the old image must not be shown until the new one is loaded.
    const image = element("img", { alt: `${name}: ${side.labels.join(", ")}` });
    image.addEventListener("error", async () => {
      const why = await ask(image.src).then(() => "", ({ message }) => message);
      if (image.isConnected) tell(`The image of the ${name} cannot be shown. ${why}`, true);
    });
    image.src = address(side);
    figure.querySelector(".image").replaceChildren(image);
  }

  function showEarlier() {
    const decisions = review.earlier[at] ?? [];
    by("earlier").hidden = decisions.length === 0;
    by("earlier").querySelector("ul").replaceChildren(
      ...decisions.map(({ annotator, tags, notes: text }) => {
        const line = element("li", {}, `${annotator}: ${tags.join(", ")}`);
        if (text) line.append(" ", element("span", { class: "note" }, `“${text}”`));
        return line;
      }),
    );
  }

  function showPair(number, message = "") {
    at = number;
    const pair = review.pairs[at];
    together(null);
    SIDES.forEach(showSide);
    by("candidate").querySelector(".offset").textContent = pair.place;
    const start = startingPoint();
    tick(start.tags);
    notes.value = start.notes;
    showEarlier();
    by("position").textContent = `Pair ${at + 1} of ${review.pairs.length}`;
    by("previous").disabled = at === 0;
    by("next").disabled = at === review.pairs.length - 1;
    const before = decided.has(at) ? "You have reviewed this pair; submit again to correct it." : "";
    tell(message || before);
    const coming = nextLeft();
    if (coming !== null) for (const side of SIDES) new Image().src = address(review.pairs[coming][side]);
  }

  function showProgress() {
    const all = review.pairs.length;
    const left = all - decided.size;
    const percent = Math.floor((100 * decided.size) / all);
    by("left").textContent = `Pairs left: ${left} of ${all} (${percent} % done)`;
    by("done").max = all;
    by("done").value = decided.size;
  }

  // Show only one of the two, in the same place; null shows them side by side.
  function together(name) {
    stage.classList.toggle("same-place", name !== null);
    for (const side of SIDES) by(side).classList.toggle("under", name !== null && side !== name);
    by("flip").setAttribute("aria-pressed", String(name !== null));
  }

  const isTogether = () => stage.classList.contains("same-place");

  function flip(isHeld) {
    const now = performance.now();
    if (isHeld && now - flippedAt < FASTEST) return;
    flippedAt = now;
    together(isTogether() && by("candidate").classList.contains("under") ? "candidate" : "anchor");
  }

  function showNames() {
    const areShown = !stage.classList.toggle("without-names");
    by("show-names").setAttribute("aria-pressed", String(areShown));
  }

  // ---- From pair to pair ----------------------------------------------------------------------

  // The next pair, from this one on and then from the first, that is not reviewed yet.
  function nextLeft() {
    const all = review.pairs.length;
    for (let step = 1; step < all; step++) {
      const number = (at + step) % all;
      if (!decided.has(number)) return number;
    }
    return null;
  }

  function go(step) {
    const number = at + step;
    if (0 <= number && number < review.pairs.length && !isSending) showPair(number);
  }

  function problem(tags) {
    const images = [...stage.querySelectorAll("img")];
    if (!images.every((image) => image.complete)) return "The images are still being loaded.";
    if (!images.every((image) => image.naturalWidth)) return "An image cannot be shown: go on with j.";
    if (tags.length === 0) return "Nothing is ticked: tick at least one label.";
    const both = review.contradictions.find((names) => names.every((name) => tags.includes(name)));
    return both ? `${both.join(" and ")} contradict each other: tick one of them.` : "";
  }

  async function submit() {
    if (isSending) return;
    const tags = ticked();
    const wrong = problem(tags);
    if (wrong) {
      tell(wrong, true);
      return;
    }
    const pair = review.pairs[at];
    isSending = true;
    try {
      const { token } = await ask("token");
      const kept = await ask("decisions", {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Wildframe-Token": token },
        body: JSON.stringify({
          round: review.round,
          annotator: review.annotator,
          anchor_id: pair.anchor.id,
          image_id: pair.candidate.id,
          shown: pair,
          tags,
          notes: notes.value,
        }),
      });
      decided.set(at, kept);
      drafts.delete(at);
      showProgress();
      const coming = nextLeft();
      showPair(coming ?? at, coming === null ? ALL_DONE : "");
      if (document.activeElement === notes) notes.blur();
    } catch (error) {
      tell(error.message, true);
    } finally {
      isSending = false;
    }
  }

  // ---- Keys -----------------------------------------------------------------------------------

  const ACTIONS = {
    j: () => go(1),
    k: () => go(-1),
    l: showNames,
    m: () => change(() => tick(AGREED)),
    n: () => change(() => tick([])),
    "/": () => notes.focus(),
    Escape: () => together(null),
  };

  function change(how) {
    if (isSending) return;
    how();
    keepDraft();
    tell("");
  }

  function onKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const { target } = event;
    if (target === notes) {
      if (event.key === "Escape") notes.blur();
      return; // Enter submits the form
    }
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const isControl = target.closest("button, input") !== null;
    if (key === " " && !isControl) {
      event.preventDefault(); // no scrolling
      flip(event.repeat);
      return;
    }
    if (event.repeat) return;
    if (key === "Enter" && target.closest("button") === null) {
      event.preventDefault();
      submit();
      return;
    }
    const label = review.labels.find((one) => one.key === key);
    if (label) {
      const box = boxes.get(label.name);
      change(() => {
        box.checked = !box.checked;
      });
    } else if (ACTIONS[key]) {
      event.preventDefault();
      ACTIONS[key]();
    }
  }

  // ---- The start ------------------------------------------------------------------------------

  function makeTicks() {
    const groups = new Map();
    for (const { name, key, group, kind, meaning } of review.labels) {
      if (!groups.has(group)) {
        groups.set(group, element("fieldset", {}, element("legend", {}, group)));
      }
      const box = element("input", { type: "checkbox", name });
      const parts = [box, element("span", {}, name), element("kbd", {}, key)];
      groups.get(group).append(element("label", { class: `tick ${kind}`, title: meaning }, ...parts));
      boxes.set(name, box);
    }
    by("ticks").replaceChildren(...groups.values());
  }

  function listen() {
    document.addEventListener("keydown", onKey);
    by("form").addEventListener("submit", (event) => {
      event.preventDefault();
      submit();
    });
    by("form").addEventListener("input", () => change(() => {}));
    by("previous").addEventListener("click", () => go(-1));
    by("next").addEventListener("click", () => go(1));
    by("flip").addEventListener("click", () => flip(false));
    by("both").addEventListener("click", ACTIONS.m);
    by("clear").addEventListener("click", ACTIONS.n);
    by("show-names").addEventListener("click", showNames);
    for (const side of SIDES) {
      const image = by(side).querySelector(".image");
      image.addEventListener("click", () => together(isTogether() ? null : side));
    }
    // A clicked element gets no focus: keys are for the page.
    document.addEventListener("pointerdown", () => {
      isPointing = true;
    });
    document.addEventListener("keydown", () => {
      isPointing = false;
    }, true);
    document.addEventListener("focusin", ({ target }) => {
      if (isPointing && target !== notes) target.blur();
    });
  }

  async function start() {
    try {
      review = await ask("review");
    } catch (error) {
      by("left").textContent = error.message;
      return;
    }
    decided = new Map(Object.entries(review.decided).map(([number, kept]) => [Number(number), kept]));
    document.title = `${review.title}: review`;
    by("title").textContent = review.title;
    by("who").textContent = `Round ${review.round}, ${review.annotator}`;
    makeTicks();
    listen();
    showProgress();
    by("pair").hidden = false;
    const first = review.pairs.findIndex((_, number) => !decided.has(number));
    showPair(Math.max(first, 0), first < 0 ? ALL_DONE : "");
  }

  start();
})();
