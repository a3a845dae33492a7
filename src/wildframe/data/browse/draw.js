// The data of the page, and how it is drawn. Text of the data is only ever set as text: by
// textContent, setAttribute and the properties of form controls, never as markup.
"use strict";

// A page that is opened from disk cannot fetch, but it can load scripts: each calls this.
function wildframe(part, content) {
  Draw.received.set(part, content);
}

const Draw = (() => {
  const BINS = 20; // of the histogram of confidence
  const GRID = 128; // pixels of a drawn Grad-CAM map
  const MILLION = 1e6;

  const received = new Map();
  const requested = new Map();
  const data = {};

  // ---- Data -----------------------------------------------------------------------------------

  function load(part) {
    if (!requested.has(part)) {
      requested.set(part, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        const fail = () => reject(new Error(`data/${part}.js cannot be read; keep the folder whole`));
        script.onload = () => (received.has(part) ? resolve(received.get(part)) : fail());
        script.onerror = fail;
        script.src = `data/${part}.js`;
        document.head.append(script);
      }));
    }
    return requested.get(part);
  }

  const padded = (number, digits) => String(number).padStart(digits, "0");
  const loadData = async () => Object.assign(data, await load("images"));
  const loadModel = (model) => load(`model-${padded(model, 2)}`);

  async function loadMap(model, target, item) {
    const chunk = padded(Math.floor(item / data.chunk), 3);
    return (await load(`cam-${padded(model, 2)}-${target}-${chunk}`))[item % data.chunk];
  }

  // ---- Text -----------------------------------------------------------------------------------

  const count = (number) => number.toLocaleString("en-US");
  const percent = (share) => `${(100 * share).toFixed(1)} %`;
  const plain = (noun) => noun.replaceAll("_", " ");
  const className = (number) => data.classes.name[number];
  const labelNames = (item) => data.images.labels[item].map(className).join(" or ");
  // Images that people labelled by hand have no noun: their file says what they are.
  const nounText = (item) => data.images.nouns[item].map(plain).join(" · ") || data.images.media[item];
  const isCorrect = (model, item) => data.models[model].correct[item] === "1";

  function verdict(model, item) {
    const word = isCorrect(model, item) ? "correct" : "incorrect";
    return element("span", { class: `verdict ${word}` }, word);
  }

  // ---- An image with its overlays, placed by fractions of the image --------------------------

  function place(overlay, [x, y, width, height]) {
    const sides = { left: x, top: y, width, height };
    for (const [side, share] of Object.entries(sides)) overlay.style[side] = `${100 * share}%`;
    return overlay;
  }

  // shown: whether boxes, tags and crop are; cam is the target of Grad-CAM, or empty
  function image(item, model, results, shown) {
    const { image_id, size, boxes, nouns } = data.images;
    const [width, height] = size[item];
    const src = `images/${encodeURIComponent(image_id[item])}.jpg`;
    const image = element("img", { src, width, height, alt: nounText(item), decoding: "async" });
    const frame = element("span", { class: "frame" }, image);
    // A supplement leaves out images that may not be shared.
    image.addEventListener("error", () => frame.classList.add("absent"));
    frame.style.setProperty("--ratio", width / height);
    // null where it is not known what part of the image the model was shown
    const crop = results.crops[results.crop[item]];
    if (crop && data.models[model].gradcams.includes(shown.cam)) {
      const canvas = place(element("canvas", { class: "cam", width: GRID, height: GRID }), crop);
      const strength = element("span", { class: "strength" });
      frame.append(canvas, strength);
      explain(canvas, strength, model, item, shown);
    }
    if (crop && shown.crop) frame.append(place(element("span", { class: "crop" }), crop));
    if (shown.boxes) {
      boxes[item].forEach((box, index) => {
        const noun = nouns[item][index];
        const tag = shown.tags && noun ? [element("span", { class: "tag" }, plain(noun))] : [];
        frame.append(place(element("span", { class: "box" }, ...tag), box));
      });
    }
    return frame;
  }

  async function explain(canvas, strength, model, item, shown) {
    try {
      const map = await loadMap(model, shown.cam, item);
      if (!map) {
        strength.textContent = "no Grad-CAM map";
        return;
      }
      const [target, height, width, strongest, packed] = map;
      const value = strongest > 0 ? `max ${strongest}` : "zero everywhere";
      const of = `Grad-CAM of ${className(target)}: ${value}`;
      strength.textContent = shown.tags ? of : value;
      strength.title = of;
      if (strongest > 0) paint(canvas, height, width, packed);
    } catch (error) {
      strength.textContent = error.message;
    }
  }

  // Bilinear between the centres of the map's cells, from 0 (clear) to the map's maximum.
  function paint(canvas, height, width, packed) {
    const cells = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
    const context = canvas.getContext("2d");
    const image = context.createImageData(GRID, GRID);
    const between = (position, length) => {
      const center = Math.min(Math.max(((position + 0.5) * length) / GRID - 0.5, 0), length - 1);
      const first = Math.floor(center);
      return [first, Math.min(first + 1, length - 1), center - first];
    };
    for (let y = 0; y < GRID; y++) {
      const [above, below, down] = between(y, height);
      for (let x = 0; x < GRID; x++) {
        const [left, right, along] = between(x, width);
        const at = (row) => cells[row * width + left] * (1 - along) + cells[row * width + right] * along;
        const heat = (at(above) * (1 - down) + at(below) * down) / 255;
        image.data.set(colour(heat), 4 * (y * GRID + x));
      }
    }
    context.putImageData(image, 0, 0);
  }

  // The colour map of Fig. 1 (matplotlib's inferno), in steps of a fifth as in the legend of
  // browse.css; the image shows through.
  const COLOURS = [[0, 0, 4], [66, 10, 104], [147, 38, 103], [221, 81, 58], [252, 165, 10], [252, 255, 164]];

  function colour(heat) {
    const place = heat * (COLOURS.length - 1);
    const below = Math.min(Math.floor(place), COLOURS.length - 2);
    const [low, high] = [COLOURS[below], COLOURS[below + 1]];
    return [...low.map((part, index) => part + (high[index] - part) * (place - below)), 140];
  }

  // ---- Predictions ----------------------------------------------------------------------------

  function predictions(results, item, most) {
    const list = element("ol", { class: "predictions" });
    const top = results.top[item];
    if (top.length === 0) list.append(element("li", {}, element("span", { class: "name" }, "no prediction")));
    for (let position = 0; position < Math.min(2 * most, top.length); position += 2) {
      // External predictions may have no probabilities.
      const [predicted, probability] = [top[position], top[position + 1]];
      const isLabel = data.images.labels[item].includes(predicted);
      const bar = element("span", { class: "bar-fill" });
      bar.style.width = `${100 * (probability / MILLION)}%`;
      list.append(element(
        "li",
        { class: isLabel ? "is-label" : null, title: className(predicted) },
        element("span", { class: "name" }, (isLabel ? "✓ " : "") + className(predicted)),
        element("span", { class: "bar-track" }, bar),
        element("span", { class: "share" }, probability === null ? "" : percent(probability / MILLION)),
      ));
    }
    return list;
  }

  // Images by confidence, correct below incorrect; bins outside the limits are faded. The tallest
  // bin has this many images.
  function histogram(probabilities, correct, low, high) {
    const bins = Array.from({ length: BINS }, () => ({ correct: 0, incorrect: 0 }));
    probabilities.forEach((probability, index) => {
      if (probability === null) return;
      const bin = Math.min(BINS - 1, Math.floor((probability / MILLION) * BINS));
      bins[bin][correct[index] ? "correct" : "incorrect"]++;
    });
    const tallest = Math.max(1, ...bins.map((bin) => bin.correct + bin.incorrect));
    const bars = bins.map((bin, index) => {
      const [from, to] = [(index / BINS) * MILLION, ((index + 1) / BINS) * MILLION];
      const range = `${from / 1e4}–${to / 1e4} %`;
      const bar = element("span", {
        class: to <= low || from > high ? "bin outside" : "bin",
        title: `${range}: ${count(bin.correct)} correct, ${count(bin.incorrect)} incorrect`,
      });
      for (const kind of ["incorrect", "correct"]) {
        const part = element("span", { class: kind });
        part.style.height = `${(100 * bin[kind]) / tallest}%`;
        bar.append(part);
      }
      return bar;
    });
    return { bars, tallest };
  }

  // ---- Sets -----------------------------------------------------------------------------------

  const frameName = (offset) => (offset === 0 ? "anchor" : `${offset > 0 ? "+" : ""}${offset}`);

  const verdictIn = (model, item) =>
    `${frameName(data.images.offset[item])}: ${isCorrect(model, item) ? "correct" : "incorrect"}`;

  // A mark for each frame of a set, in their order; those of incorrect predictions are filled.
  function marks(set, item, model) {
    const spans = set.map((other) => element("span", {
      class: isCorrect(model, other) ? "mark correct" : "mark incorrect",
      title: verdictIn(model, other),
      "aria-current": other === item ? "true" : null,
    }));
    const correct = set.filter((other) => isCorrect(model, other)).length;
    const label = `${correct} of ${set.length} frames of the set correct`;
    return element("div", { class: "marks", role: "img", "aria-label": label, title: label }, ...spans);
  }

  // The images of a set, each a button that opens it.
  function strip(set, item, model, open) {
    return set.map((other) => {
      const src = `images/${encodeURIComponent(data.images.image_id[other])}.jpg`;
      const [width, height] = data.images.size[other];
      const name = element("span", {}, frameName(data.images.offset[other]));
      const button = element(
        "button",
        {
          type: "button",
          class: isCorrect(model, other) ? "correct" : "incorrect",
          title: verdictIn(model, other),
          "aria-current": other === item ? "true" : null,
        },
        element("img", { src, width, height, alt: "", loading: "lazy", decoding: "async" }),
        name,
      );
      button.addEventListener("click", () => open(other));
      return button;
    });
  }

  // ---- Where an image comes from --------------------------------------------------------------

  // Share of the image that lies in a box, which can reach beyond it.
  function areaInside([x, y, width, height]) {
    const inside = (from, length) => Math.max(0, Math.min(from + length, 1) - Math.max(from, 0));
    return inside(x, width) * inside(y, height);
  }

  // Of the first box, as in the scores; undefined without one.
  const boxArea = (item) => data.images.boxes[item].slice(0, 1).map(areaInside)[0];

  function facts(item) {
    const column = (name) => data.images[name]?.[item] ?? null;
    const classes = column("labels").map((label) => {
      const doubt = column("doubtful").includes(label) ? ", sense in doubt" : "";
      return `${className(label)} [${data.classes.wnid[label]}${doubt}]`;
    });
    const areas = column("boxes").map((box) => percent(areaInside(box)));
    return [
      ["correct classes", classes.join(" or ")],
      ["noun", column("nouns").join(" · ")],
      ["box / image", areas.join(" · ")],
      [data.words.id, column("image_id")],
      ["anchor", column("anchor_id")],
      ["frames from the anchor", column("offset")],
      [data.words.view, column("view_key")],
      ["media", column("media")],
      ["frame", column("frame")],
      ["clip", column("group_id")],
      ["video", column("video_id")],
      ["record", column("record_id")],
      ["split", column("split")],
      ["origin", column("origin")],
      ["moment", column("role")],
    ]
      .filter(([, value]) => value !== null && value !== "")
      .flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, String(value))]);
  }

  return {
    MILLION, received, data, loadData, loadModel, count, percent, plain, className,
    labelNames, nounText, isCorrect, verdict, image, predictions, histogram, boxArea, facts, marks, strip,
  };
})();
