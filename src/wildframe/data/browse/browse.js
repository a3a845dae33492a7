// Which images are shown: filters, pages, the detail view, and the address that keeps them.
"use strict";

(() => {
  const { data, count, className, labelNames, nounText, plain, isCorrect, MILLION } = Draw;
  const PAGE = 24; // images a page
  const BARS = 3; // predictions on a card
  const FILTERS = ["verdict", "others", "min", "max", "class", "predicted", "sense", "explained", "frames", "origin", "smallest", "largest", "noun"];

  const form = by("controls");
  const control = form.elements;
  const detail = by("detail");
  const defaults = {};
  let images; // columns
  let keys; // what an address calls each image
  const sets = new Map(); // of the page's sets: images by anchor
  let nouns; // as the search reads them
  let results; // of the chosen model
  let matches = []; // images that pass the filters, in order
  let page = 1;
  let opened = null; // image of the detail view
  let explained = 0; // model whose view of it is shown there
  let turn = 0; // a later change supersedes an earlier one

  const model = () => control.model.selectedIndex;
  const isOn = (name) => control[name].checked;

  function value(name) {
    const input = control[name];
    return input.type === "checkbox" ? String(input.checked) : input.value;
  }

  function setValue(name, wanted) {
    const input = control[name];
    if (input.type === "checkbox") {
      input.checked = wanted === "true";
      return;
    }
    // An address may name what is not on this page.
    const isWrong = input.type === "number" && Number.isNaN(Number(wanted));
    input.value = isWrong ? defaults[name] : wanted;
    if (input.value !== wanted) input.value = defaults[name];
  }

  // ---- Address --------------------------------------------------------------------------------

  function writeHash() {
    const params = new URLSearchParams();
    for (const name of Object.keys(defaults)) {
      if (value(name) !== defaults[name]) params.set(name, value(name));
    }
    if (page > 1) params.set("page", page);
    if (opened !== null) params.set("open", keys[opened]);
    const hash = `#${params}`;
    if (hash !== (location.hash || "#")) history.replaceState(null, "", hash);
  }

  function readHash() {
    const params = new URLSearchParams(location.hash.slice(1));
    for (const name of Object.keys(defaults)) setValue(name, params.get(name) ?? defaults[name]);
    page = Number.parseInt(params.get("page"), 10) || 1;
    const found = keys.indexOf(params.get("open"));
    opened = found < 0 ? null : found;
    explained = model();
  }

  // ---- Filters --------------------------------------------------------------------------------

  // Limits count in millionths, as the probabilities do.
  function limit(name, otherwise) {
    return value(name) === "" ? otherwise : Math.round(Number(value(name)) * 1e4);
  }

  const isSet = (name) => value(name) !== defaults[name];
  const chosenClass = (name) => data.classes.wnid.indexOf(value(name));

  const VERDICTS = {
    "": () => true,
    correct: (item) => isCorrect(model(), item),
    incorrect: (item) => !isCorrect(model(), item),
    top5: (item) => isInTop5(item),
    not5: (item) => !isInTop5(item),
  };

  function isInTop5(item) {
    const classes = results.top[item].filter((_, position) => position % 2 === 0);
    return classes.slice(0, 5).some((number) => images.labels[item].includes(number));
  }

  // none, all, or a verdict on another model by its number, such as correct-2.
  function othersPass() {
    const wanted = value("others");
    const numbers = data.models.map((_, number) => number);
    if (wanted === "") return () => true;
    if (wanted === "none") return (item) => !numbers.some((number) => isCorrect(number, item));
    if (wanted === "all") return (item) => numbers.every((number) => isCorrect(number, item));
    const [verdict, number] = wanted.split("-");
    return (item) => isCorrect(Number(number), item) === (verdict === "correct");
  }

  function boxPasses() {
    if (!isSet("smallest") && !isSet("largest")) return () => true;
    const [low, high] = [limit("smallest", 0), limit("largest", MILLION)];
    return (item) => {
      const area = Draw.boxArea(item) * MILLION; // NaN without a box, which passes no limit
      return low <= area && area <= high;
    };
  }

  function sensePasses() {
    const wanted = value("sense");
    return (item) => !wanted || images.doubtful[item].length > 0 === (wanted === "doubtful");
  }

  // Bits of the digits of `causes`.
  const CAUSES = { framing: 1, label: 2, motion: 4 };

  function causePasses() {
    const wanted = value("explained");
    if (wanted === "") return () => true;
    const { causes } = data.models[model()];
    const explains = wanted === "none" ? (digit) => digit === "0" : (digit) => (digit & CAUSES[wanted]) > 0;
    return (item) => !isCorrect(model(), item) && explains(causes[item]);
  }

  const setOf = (item) => sets.get(images.anchor_id?.[item]) ?? [];
  const isAnchor = (item) => images.offset[item] === 0;

  const FRAMES = {
    "": () => true,
    anchor: isAnchor,
    neighbour: (item) => !isAnchor(item),
    lost: (item) => isAnchor(item) && isCorrect(model(), item) && !setOf(item).every((other) => isCorrect(model(), other)),
  };

  function originPasses() {
    const wanted = value("origin");
    return (item) => !wanted || images.origin[item] === wanted;
  }

  function filter() {
    const [wantedLabel, wantedPrediction] = ["class", "predicted"].map(chosenClass);
    const noun = plain(value("noun")).trim().toLowerCase();
    const tests = [VERDICTS[value("verdict")], othersPass(), boxPasses(), sensePasses(), causePasses()];
    tests.push(FRAMES[value("frames")], originPasses(), (item) => nouns[item].includes(noun));
    const [low, high] = [limit("min", 0), limit("max", MILLION)];
    const labelCounts = new Array(data.classes.wnid.length).fill(0);
    const predictedCounts = new Array(data.classes.wnid.length).fill(0);
    const [found, inBins] = [[], []];
    // Of an image on which a detector finds nothing there is no prediction.
    results.top.forEach(([predicted = null, probability = null], item) => {
      if (!tests.every((passes) => passes(item))) return;
      const labels = images.labels[item];
      const inRange = low <= probability && probability <= high;
      const hasLabel = wantedLabel < 0 || labels.includes(wantedLabel);
      const hasPrediction = wantedPrediction < 0 || predicted === wantedPrediction;
      // A list counts what choosing another of its entries would show.
      if (inRange && hasPrediction) for (const label of labels) labelCounts[label]++;
      if (inRange && hasLabel && predicted !== null) predictedCounts[predicted]++;
      if (hasLabel && hasPrediction) inBins.push(item);
      if (hasLabel && hasPrediction && inRange) found.push(item);
    });
    showCounts(control.class, labelCounts);
    showCounts(control.predicted, predictedCounts);
    showConfidence(inBins, low, high);
    const sign = { high: -1, low: 1 }[value("order")];
    if (sign) found.sort((a, b) => sign * ((results.top[a][1] ?? 0) - (results.top[b][1] ?? 0)) || a - b);
    return found;
  }

  // What the filters ask for, in words.
  function filtersInWords() {
    const text = (name) => control[name].selectedOptions[0].textContent;
    const range = (low, high) => `${value(low) || 0}–${value(high) || 100} %`;
    const words = {
      verdict: () => `${data.models[model()].name} ${text("verdict")}`,
      others: () => text("others"),
      min: () => `confidence ${range("min", "max")}`,
      class: () => `class ${className(chosenClass("class"))}`,
      predicted: () => `predicted ${className(chosenClass("predicted"))}`,
      sense: () => `sense ${text("sense")}`,
      explained: () => `incorrect, explained by ${text("explained")}`,
      frames: () => text("frames"),
      origin: () => `origin ${value("origin")}`,
      smallest: () => `box ${range("smallest", "largest")} of the image`,
      noun: () => `noun with “${value("noun").trim()}”`,
    };
    const limits = { max: "min", largest: "smallest" };
    const named = new Set(FILTERS.filter(isSet).map((name) => limits[name] ?? name));
    return [...named].map((name) => words[name]()).join(", ");
  }

  function fillOthers() {
    for (const verdict of ["correct", "incorrect"]) {
      data.models.forEach(({ name }, number) => {
        control.others.append(element("option", { value: `${verdict}-${number}` }, `${name} ${verdict}`));
      });
    }
  }

  function fillClasses(select) {
    const order = data.classes.name.map((_, number) => number);
    order.sort((a, b) => className(a).localeCompare(className(b), "en"));
    for (const number of order) {
      select.append(element("option", { value: data.classes.wnid[number], "data-class": number }));
    }
  }

  function fillOrigins() {
    const origins = [...new Set(images.origin)].filter(Boolean).sort();
    for (const origin of origins) control.origin.append(element("option", { value: origin }, origin));
    control.origin.parentElement.hidden = origins.length < 2;
  }

  function fillSets() {
    control.frames.parentElement.hidden = !images.anchor_id;
    images.anchor_id?.forEach((anchor, item) => {
      if (!sets.has(anchor)) sets.set(anchor, []);
      sets.get(anchor).push(item);
    });
    for (const set of sets.values()) set.sort((a, b) => images.offset[a] - images.offset[b]);
  }

  function showCounts(select, counts) {
    for (const option of [...select.options].slice(1)) {
      const number = Number(option.dataset.class);
      option.textContent = `${className(number)} (${count(counts[number])})`;
      option.hidden = counts[number] === 0 && !option.selected;
    }
  }

  function showConfidence(items, low, high) {
    const probabilities = items.map((item) => results.top[item][1] ?? null);
    const correct = items.map((item) => isCorrect(model(), item));
    const { bars, tallest } = Draw.histogram(probabilities, correct, low, high);
    by("histogram").replaceChildren(...bars);
    by("tallest").textContent = count(tallest);
    const titles = bars.map((bar) => bar.title).filter((title) => !title.endsWith(": 0 correct, 0 incorrect"));
    by("histogram").setAttribute("aria-label", `Images by confidence: ${titles.join("; ") || "none"}`);
  }

  // ---- Pages ----------------------------------------------------------------------------------

  const pageCount = () => Math.max(1, Math.ceil(matches.length / PAGE));

  function card(item) {
    const shown = { boxes: isOn("boxes"), crop: isOn("crop"), cam: value("cam"), tags: false };
    const button = element(
      "button",
      { type: "button", class: "image", "aria-label": `Open ${nounText(item)}, ${labelNames(item)}` },
      Draw.image(item, model(), results, shown),
    );
    button.addEventListener("click", () => openDetail(item));
    const labels = element("strong", { class: "labels", title: labelNames(item) }, labelNames(item));
    const noun = element("div", { class: "noun", title: nounText(item) }, nounText(item));
    return element(
      "li",
      { class: "card", "data-key": keys[item] },
      button,
      element("div", { class: "head" }, labels, Draw.verdict(model(), item)),
      noun,
      ...(sets.size ? [Draw.marks(setOf(item), item, model())] : []),
      Draw.predictions(results, item, BARS),
    );
  }

  function showPage() {
    const pages = pageCount();
    page = Math.min(Math.max(1, page), pages);
    by("cards").replaceChildren(...matches.slice((page - 1) * PAGE, page * PAGE).map(card));
    by("page").value = page;
    by("page").max = pages;
    by("pages").textContent = `of ${count(pages)}`;
    for (const id of ["first", "previous"]) by(id).disabled = page === 1;
    for (const id of ["next", "last"]) by(id).disabled = page === pages;
    writeHash();
  }

  function turnTo(wanted) {
    const before = page;
    page = wanted;
    showPage();
    if (page !== before) by("top").scrollIntoView();
  }

  function summarize() {
    const correct = matches.filter((item) => isCorrect(model(), item)).length;
    by("summary").classList.remove("error");
    by("clear").hidden = !FILTERS.some(isSet);
    const [words, of] = [filtersInWords(), `of ${count(results.top.length)} images`];
    const filters = words && ` (${words})`;
    by("summary").textContent = matches.length
      ? `${count(matches.length)} ${of}${filters}; ` +
        `${data.models[model()].name} has ${count(correct)} of them correct (${Draw.percent(correct / matches.length)})`
      : `None ${of} passes these filters${filters}.`;
  }

  function showError(error) {
    by("summary").textContent = error.message;
    by("summary").classList.add("error");
  }

  function offerMaps(select, number) {
    const { gradcams } = data.models[number];
    for (const option of select.options) {
      option.disabled = option.value !== "" && !gradcams.includes(option.value);
    }
    return gradcams.includes(value("cam"));
  }

  async function refresh() {
    const mine = ++turn;
    const loaded = await Draw.loadModel(model());
    if (mine !== turn) return;
    results = loaded;
    matches = filter();
    const mapped = offerMaps(control.cam, model());
    by("cam-note").classList.toggle("legend", mapped);
    if (mapped) by("cam-note").textContent = "0 to each map’s own maximum";
    else by("cam-note").textContent = data.models[model()].gradcams.length ? "" : "none of this model";
    summarize();
    showPage();
    await showDetail();
  }

  // ---- Detail ---------------------------------------------------------------------------------

  function openDetail(item) {
    opened = item;
    explained = model();
    writeHash();
    showDetail().catch(showError);
  }

  function step(move) {
    const position = matches.indexOf(opened);
    if (position < 0 || !(position + move in matches)) return;
    opened = matches[position + move];
    page = Math.floor((position + move) / PAGE) + 1;
    showPage();
    showDetail().catch(showError);
  }

  async function showDetail() {
    if (opened === null) {
      detail.close();
      return;
    }
    const item = opened;
    const all = await Promise.all(data.models.map((_, number) => Draw.loadModel(number)));
    if (item !== opened) return;
    const shown = { boxes: true, crop: true, cam: value("cam"), tags: true };
    by("detail-title").textContent = labelNames(item);
    by("detail-cam").value = value("cam");
    const mapped = offerMaps(by("detail-cam"), explained);
    by("detail-note").classList.toggle("legend", mapped);
    by("detail-note").textContent =
      (mapped ? "0 to the map’s own maximum. " : "") +
      `Dashed: what ${data.models[explained].name} sees` +
      (data.models[explained].gradcams.length ? "." : "; it has no Grad-CAM maps.");
    by("detail-image").replaceChildren(Draw.image(item, explained, all[explained], shown));
    showSet(item);
    by("detail-facts").replaceChildren(...Draw.facts(item));
    by("detail-models").replaceChildren(...all.map((one, number) => predictionsOf(one, number, item)));
    const position = matches.indexOf(item);
    by("detail-previous").disabled = position <= 0;
    by("detail-next").disabled = position < 0 || position === matches.length - 1;
    if (!detail.open) detail.showModal();
    // Only now has the strip a width.
    const current = by("detail-set").querySelector("[aria-current]");
    if (current) by("detail-set").scrollLeft = current.offsetLeft - by("detail-set").clientWidth / 2;
  }

  function showSet(item) {
    const strip = by("detail-set");
    strip.hidden = sets.size === 0;
    strip.replaceChildren(...Draw.strip(setOf(item), item, explained, openDetail));
  }

  function predictionsOf(results, number, item) {
    const { name } = data.models[number];
    const title = "Show what this model sees, and its maps";
    const button = element("button", { type: "button", "aria-pressed": number === explained, title }, name);
    button.addEventListener("click", async () => {
      explained = number;
      await showDetail();
      by("detail-models").querySelector("[aria-pressed=true]").focus();
    });
    const head = element("h3", {}, button, Draw.verdict(number, item));
    return element("section", { class: "model" }, head, Draw.predictions(results, item, Infinity));
  }

  // ---- Events ---------------------------------------------------------------------------------

  function changed(name) {
    if (FILTERS.includes(name) || name === "order") page = 1;
    refresh().catch(showError);
  }

  function pressed(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const typing = event.target.matches("select, input:not([type=checkbox])");
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "/" && !typing && opened === null) {
      event.preventDefault();
      control.noun.focus();
    } else if (move && !typing) {
      event.preventDefault();
      if (opened === null) turnTo(page + move);
      else step(move);
    } else if (event.key === "Escape" && event.target === control.noun) {
      control.noun.blur();
    }
  }

  function listen() {
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", (event) => changed(event.target.name));
    by("clear").addEventListener("click", () => {
      for (const name of FILTERS) setValue(name, defaults[name]);
      changed(FILTERS[0]);
    });
    by("first").addEventListener("click", () => turnTo(1));
    by("previous").addEventListener("click", () => turnTo(page - 1));
    by("next").addEventListener("click", () => turnTo(page + 1));
    by("last").addEventListener("click", () => turnTo(pageCount()));
    by("page").addEventListener("change", () => turnTo(Math.round(by("page").value) || 1));
    by("detail-previous").addEventListener("click", () => step(-1));
    by("detail-next").addEventListener("click", () => step(1));
    by("detail-close").addEventListener("click", () => detail.close());
    by("detail-cam").addEventListener("input", () => {
      control.cam.value = by("detail-cam").value;
      changed("cam");
    });
    detail.addEventListener("click", (event) => {
      if (event.target === detail) detail.close(); // beside it
    });
    detail.addEventListener("close", () => {
      const card = by("cards").children[matches.indexOf(opened) - (page - 1) * PAGE];
      card?.querySelector("button").focus();
      opened = null;
      writeHash();
    });
    document.addEventListener("keydown", pressed);
    window.addEventListener("hashchange", () => {
      readHash();
      refresh().catch(showError);
    });
  }

  async function start() {
    await Draw.loadData();
    images = data.images;
    keys = images.image_id.map((id, item) => [images.anchor_id?.[item], id, images.view_key[item]].filter(Boolean).join("/"));
    nouns = keys.map((_, item) => nounText(item).toLowerCase());
    document.title = data.title;
    by("title").textContent = data.title;
    by("data-note").textContent = data.data_note;
    for (const { name } of data.models) control.model.append(element("option", { value: name }, name));
    control.explained.parentElement.hidden = !data.models.some(({ causes }) => causes);
    control.smallest.closest(".between").hidden = !images.boxes.some((boxes) => boxes.length);
    control.sense.parentElement.hidden = !images.nouns.some((named) => named.length);
    fillOthers();
    fillOrigins();
    fillSets();
    fillClasses(control.class);
    fillClasses(control.predicted);
    for (const { name } of form.querySelectorAll("[name]")) defaults[name] = value(name);
    listen();
    readHash();
    await refresh();
  }

  start().catch(showError);
})();
