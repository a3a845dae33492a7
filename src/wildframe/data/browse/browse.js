// How what passes the filters is shown: pages, the detail view, and the address that keeps them.
"use strict";

(() => {
  const { data, count, labelNames, nounText, isCorrect } = Draw;
  const { control, defaults, sets, model, isOn, value, setValue, isSet, setOf } = Filters;
  const PAGE = 24; // images a page
  const BARS = 3; // predictions on a card

  const detail = by("detail");
  let keys; // what an address calls each image
  let results; // of the chosen model
  let matches = []; // images that pass the filters, in order
  let page = 1;
  let opened = null; // image of the detail view
  let explained = 0; // model whose view of it is shown there
  let turn = 0; // a later change supersedes an earlier one

  // ---- Address --------------------------------------------------------------------------------

  function writeHash() {
    const params = new URLSearchParams();
    for (const name of Object.keys(defaults)) {
      if (isSet(name)) params.set(name, value(name));
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
    by("clear").hidden = !Filters.NAMES.some(isSet);
    const [words, of] = [Filters.inWords(), `of ${count(results.top.length)} ${data.words.unit}`];
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
    matches = Filters.matching(results);
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
    if (Filters.NAMES.includes(name) || name === "order") page = 1;
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
    Filters.form.addEventListener("submit", (event) => event.preventDefault());
    Filters.form.addEventListener("input", (event) => changed(event.target.name));
    by("clear").addEventListener("click", () => {
      for (const name of Filters.NAMES) setValue(name, defaults[name]);
      changed(Filters.NAMES[0]);
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
    const { image_id, anchor_id, view_key } = data.images;
    keys = image_id.map((id, item) => [anchor_id?.[item], id, view_key[item]].filter(Boolean).join("/"));
    document.title = data.title;
    by("title").textContent = data.title;
    by("data-note").textContent = data.data_note;
    Filters.fill();
    listen();
    readHash();
    await refresh();
  }

  start().catch(showError);
})();
