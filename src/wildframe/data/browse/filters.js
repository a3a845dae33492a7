// Which images are shown: the values of the form, what passes them, and how many each would show.
"use strict";

const Filters = (() => {
  const { data, count, className, nounText, plain, isCorrect, MILLION } = Draw;
  const NAMES = ["verdict", "others", "min", "max", "class", "predicted", "sense", "explained", "frames", "origin", "smallest", "largest", "noun"];

  const form = by("controls");
  const control = form.elements;
  const defaults = {};
  const sets = new Map(); // of the page's sets: images by anchor
  let images; // columns
  let nouns; // as the search reads them
  let results; // of the chosen model

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

  // ---- What passes ------------------------------------------------------------------------------

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

  // The images that pass, in order; beside each class stands how many choosing it would show.
  function matching(ofModel) {
    results = ofModel;
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

  // What the filters ask for.
  function inWords() {
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
    const named = new Set(NAMES.filter(isSet).map((name) => limits[name] ?? name));
    return [...named].map((name) => words[name]()).join(", ");
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
    by("histogram").setAttribute("aria-label", `By confidence: ${titles.join("; ") || "none"}`);
  }

  // ---- What can be chosen -----------------------------------------------------------------------

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

  // Offer what the data have; what they leave out is hidden.
  function fill() {
    images = data.images;
    nouns = images.image_id.map((_, item) => nounText(item).toLowerCase());
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
  }

  return { NAMES, form, control, defaults, sets, model, isOn, value, setValue, isSet, setOf, matching, inWords, fill };
})();
