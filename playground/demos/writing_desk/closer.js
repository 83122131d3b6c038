// Ways to look closer at a text, as closer.py beside this file has them; the others need what no page carries.

import { element } from "./element.js";
import { bits, known, reader, start, writing } from "./writing.js";

const EVERY = 50; // ms between two pieces of the stream
const MARKS = { " ": "␣", "\n": "⏎" };

const words = (text) => element("p", {}, element("b", { textContent: text }));
const quiet = (text) => element("p", { className: "quiet", textContent: text });
const prose = (own = "", text = "") => element("div", { className: "written" }, element("b", { textContent: own }), text);
export const mean = (numbers) => numbers.reduce((a, b) => a + b, 0) / numbers.length;

// A text, the stronger a character the deeper its ground: 0 to 8.
function coloured(text, strength, unit = " bits") {
  const spans = [...text].map((c, i) => {
    const span = element("span", { textContent: c, title: `${strength[i].toFixed(1)}${unit}` });
    span.style.setProperty("--bits", Math.min(1, strength[i] / 8).toFixed(2));
    return span;
  });
  return element("div", { className: "written zoo-page-surprise" }, ...spans);
}

const beside = (groups) => element("div", { className: "pair" }, ...groups.map((group) => element("div", {}, ...group)));

// The map of where each character (rows) looks among those before it (columns), in a canvas.
function chart(canvas, height, text, weights) {
  const [wide, sharp, edge] = [canvas.clientWidth, window.devicePixelRatio || 1, 22];
  Object.assign(canvas, { width: wide * sharp, height: height * sharp });
  const pen = canvas.getContext("2d");
  const style = getComputedStyle(canvas);
  const n = text.length;
  const cell = [(wide - 2 * edge) / n, (height - 2 * edge) / n];
  pen.scale(sharp, sharp);
  pen.fillStyle = style.getPropertyValue("--color-accent");
  for (let row = 0; row < n; row++)
    for (let column = 0; column <= row; column++) {
      pen.globalAlpha = Math.sqrt(weights[row * n + column]);
      pen.fillRect(2 * edge + column * cell[0], row * cell[1], cell[0], cell[1]);
    }
  pen.globalAlpha = 1;
  const size = (most) => (pen.font = `${Math.max(6, Math.min(12, most))}px ${style.fontFamily}`);
  Object.assign(pen, { fillStyle: style.color, textAlign: "center", textBaseline: "middle" });
  [...text].forEach((c, i) => {
    size(1.4 * cell[0]);
    pen.fillText(MARKS[c] ?? c, 2 * edge + (i + 0.5) * cell[0], height - 1.5 * edge);
    size(1.4 * cell[1]);
    pen.fillText(MARKS[c] ?? c, 1.5 * edge, (i + 0.5) * cell[1]);
  });
  size(12);
  pen.fillText("looks at", wide / 2, height - edge / 2);
  pen.rotate(-Math.PI / 2);
  pen.fillText("character", -height / 2, edge / 2);
  canvas.onpointermove = ({ offsetX, offsetY }) => {
    const [column, row] = [Math.floor((offsetX - 2 * edge) / cell[0]), Math.floor(offsetY / cell[1])];
    const inside = row >= 0 && row < n && column >= 0 && column <= row;
    canvas.title = inside ? `${MARKS[text[row]] ?? text[row]} looks at ${MARKS[text[column]] ?? text[column]}: ${weights[row * n + column].toFixed(2)}` : "";
  };
}

// Where the closer looks stand: `slot` and `map`; sizes, as closer.py has them; reading(model, text, stale) gives a reader of a text.
export function closer({ models, sizes, load, reading, slot, map }) {
  const canvas = element("canvas", { className: "map", role: "img" });
  canvas.style.height = `${sizes.height}px`;
  let draw = () => {};
  new ResizeObserver(() => canvas.clientWidth && draw()).observe(canvas);
  let written = { key: "", of: null, runs: [] }; // texts that grow side by side; taken up again where they were left; and what they go on from
  let looked = { key: "", looks: null };

  // Let texts grow together until all are done, or stale() says so; make() begins them.
  async function grow(key, of, make, frame, stale) {
    if (written.key !== key) {
      const runs = await make();
      if (!runs) return;
      written = { key, of, runs };
    }
    const { runs } = written;
    const texts = runs.map(({ text }) => document.createTextNode(text));
    slot.replaceChildren(frame(texts));
    let shown = -Infinity;
    while (runs.some(({ done }) => !done) && !stale()) {
      for (const run of runs) if (!run.done) await run.step(stale);
      if (performance.now() - shown < EVERY) continue;
      shown = performance.now();
      runs.forEach(({ text }, i) => (texts[i].data = text));
      await new Promise(requestAnimationFrame);
    }
    runs.forEach(({ text }, i) => (texts[i].data = text));
  }

  const key = (v, ...more) => JSON.stringify([v.part, v.seed, v.how, ...more]);
  const SHOW = {
    async ways(v, stale) {
      const begin = async () => {
        const read = await reading(v.model, v.whole, stale);
        const run = await load(v.model.name);
        const told = { length: sizes.lengths.ways, seed: v.seed, how: v.how };
        return stale() ? null : [0, 1, 2].map((branch) => writing(run, v.model, v.whole, { ...told, branch, from: read.copy() }));
      };
      await grow(key(v, v.model.name, v.whole), v.whole, begin, (texts) => beside(texts.map((text) => [prose("", text)])), stale);
    },
    async both(v, stale) {
      const beginnings = models.map((model) => known(model, v.beginning));
      const begin = async () => {
        const runs = await Promise.all(models.map(({ name }) => load(name)));
        const told = { length: sizes.lengths.both, seed: v.seed, how: v.how };
        return runs.map((run, i) => writing(run, models[i], beginnings[i].text, told));
      };
      const group = ({ style }, { text: own, note }, text) => [words(style), prose(own, text), ...(note ? [quiet(note)] : [])];
      await grow(key(v, v.beginning), null, begin, (texts) => beside(texts.map((text, i) => group(models[i], beginnings[i], text))), stale);
    },
    async measure(v, stale) {
      const { text, note } = known(v.model, v.measured || v.whole.slice(0, sizes.measured));
      if (!text) return slot.replaceChildren(quiet("Put a text into the box."));
      const found = bits(await reading(v.model, start(v.model) + text, stale));
      if (!stale()) slot.replaceChildren(coloured(text, found), quiet(`${mean(found).toFixed(2)} bits a character. ${note}`));
    },
    async looks(v) {
      if (!v.whole) return slot.replaceChildren();
      const text = v.whole.slice(-sizes.looked);
      const key = JSON.stringify([v.model.name, text]);
      if (looked.key !== key) looked = { key, looks: await reader(await load(v.model.name), v.model).read(text) };
      const n = text.length;
      const [layer, head] = [v.layer, v.head].map((number, i) => Math.min(number, [v.model.layers, v.model.heads][i]) - 1);
      const weights = Array.from({ length: v.model.heads }, (_, i) => looked.looks.subarray((layer * v.model.heads + i) * n * n, (layer * v.model.heads + i + 1) * n * n));
      const heads = weights.map((one) => {
        const last = one.subarray((n - 1) * n);
        const most = Math.max(...last);
        return [coloured(text, [...last].map((weight) => (8 * weight) / most), "")];
      });
      slot.replaceChildren(words(`Where the last character looks, by head of layer ${layer + 1}`), beside(heads));
      map.replaceChildren(canvas);
      canvas.setAttribute("aria-label", `Where each of the last ${n} characters looks, by head ${head + 1} of layer ${layer + 1}`);
      draw = () => chart(canvas, sizes.height, text, weights[head]);
      draw();
    },
  };

  return {
    async show(v, stale) {
      if (v.part !== "looks") map.replaceChildren();
      if (v.part in sizes.lengths) slot.setAttribute("aria-busy", false); // what grows is no old result
      await SHOW[v.part](v, stale);
    },
    // The three ways on from a text, once they are all there.
    ways: (whole) => (written.of === whole && written.runs.every(({ done }) => done) ? written.runs.map(({ text }) => text) : null),
  };
}
