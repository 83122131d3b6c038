// Writing desk: a beginning, and a model that goes on with it, a character at a time.

import { network } from "./network.js";
import { uniform } from "./noise.js";

const RECENT = 64; // characters that count as repeated, as zoo/models/char_gpt/writing.py has it

// The probabilities that the next character is drawn from; see `distribution` in zoo/models/char_gpt/writing.py.
export function distribution(logits, { wild, top_k, top_p, min_p, repetition }, recent) {
  let x = Float64Array.from(logits);
  const best = () => x.reduce((a, b, i) => (b > x[a] ? i : a), 0);
  for (const i of new Set(recent)) if (repetition !== 1) x[i] = x[i] > 0 ? x[i] / repetition : x[i] * repetition;
  if (wild === 0) return x.map((_, i) => (i === best() ? 1 : 0));
  const top = x[best()];
  x = x.map((value) => Math.exp((value - top) / wild));
  const total = x.reduce((a, b) => a + b, 0);
  const p = x.map((value) => value / total);
  const order = [...p.keys()].sort((a, b) => p[b] - p[a] || a - b);
  const kept = new Float64Array(p.length);
  let before = 0;
  order.forEach((i, rank) => {
    if (rank === 0 || (p[i] >= min_p * p[order[0]] && before < top_p && !(top_k && rank >= top_k))) kept[i] = p[i];
    before += p[i];
  });
  const sum = kept.reduce((a, b) => a + b, 0);
  return kept.map((value) => value / sum);
}

export function choose(p, chance) {
  const total = p.reduce((a, b) => a + b, 0);
  let sum = 0;
  let i = 0;
  for (; i < p.length - 1; i++) if ((sum += p[i]) > chance * total) break;
  return i;
}

// Keys and values of the last `window` characters in rings; step(character number) gives the next one's logits.
export function writer(run, { layers, heads, window: size, depth }) {
  const dims = [layers, 2, heads, size, depth];
  const rings = new Float32Array(dims.reduce((a, b) => a * b));
  let place = 0;
  return async (x) => {
    const whole = (value) => ({ data: BigInt64Array.of(BigInt(value)), dims: [1] });
    const { logits, kv } = await run({ x: whole(x), place: whole(place), rings: { data: rings, dims } });
    for (let row = 0; row < layers * 2 * heads; row++)
      rings.set(kv.data.subarray(row * depth, (row + 1) * depth), (row * size + (place % size)) * depth);
    place++;
    return logits.data;
  };
}

export async function mount(slots, { models }) {
  const networks = {}; // loaded as they are asked for
  const load = (name) => (networks[name] ??= network(`${name}.onnx`));
  await load(models[0].name);
  const [page, note, bars] = ["div", "p", "div"].map((name) => document.createElement(name));
  page.className = "prose";
  note.className = "quiet";
  bars.className = "bars";
  slots.page.replaceChildren(page);
  slots.said.append(note);
  slots.next.append(bars);
  let text = "";

  function expect(p, chars) {
    const names = { " ": "space", "\n": "new line" };
    const likely = [...p.keys()].sort((a, b) => p[b] - p[a]).slice(0, 8);
    bars.replaceChildren(
      ...likely.flatMap((i) => {
        const parts = ["span", "i", "span"].map((name) => document.createElement(name));
        parts[0].textContent = names[chars[i]] ?? chars[i];
        parts[1].style.width = `${100 * p[i]}%`;
        parts[2].textContent = `${Math.round(100 * p[i])} %`;
        return parts;
      }),
    );
  }

  async function show(values, stale) {
    const model = models.find(({ name }) => name === values.model);
    const run = await load(model.name);
    const known = [...values.beginning].filter((c) => model.chars.includes(c));
    const unknown = [...new Set(values.beginning)].filter((c) => !model.chars.includes(c));
    note.textContent = unknown.length ? `${model.style} does not know ${unknown.map((c) => `“${c}”`).join(" ")}: left out.` : "";
    text = known.join("");
    const own = document.createElement("b");
    own.textContent = text;
    const written = document.createTextNode("");
    page.replaceChildren(own, written);
    const step = writer(run, model);
    const chance = uniform(values.length, values.seed);
    const recent = [...known].slice(-RECENT).map((c) => model.chars.indexOf(c));
    let logits;
    for (const c of known.length ? known : [model.chars.includes("\n") ? "\n" : model.chars[0]]) {
      if (stale()) return;
      logits = await step(model.chars.indexOf(c));
    }
    for (let i = 0; i < values.length; i++) {
      const p = distribution(logits, values, recent);
      const next = choose(p, chance[i]);
      written.data += model.chars[next];
      text += model.chars[next];
      recent.push(next);
      if (recent.length > RECENT) recent.shift();
      if (i % 8 === 0) {
        expect(p, model.chars);
        await new Promise(requestAnimationFrame);
      }
      if (i === 0) document.documentElement.dataset.ready ??= performance.now().toFixed(0);
      if (stale()) return;
      logits = await step(next);
    }
  }

  // The text as a page, as much of it as fits.
  function picture() {
    const canvas = Object.assign(document.createElement("canvas"), { width: 960, height: 1280 });
    const pen = canvas.getContext("2d");
    pen.font = "26px 'Zoo Serif', serif";
    let y = 74;
    for (const line of text.split("\n")) {
      let row = "";
      for (const word of line.split(" ")) {
        if (row && pen.measureText(`${row} ${word}`).width > 864) {
          pen.fillText(row, 48, y);
          y += 36;
          row = word;
        } else row = row ? `${row} ${word}` : word;
      }
      pen.fillText(row, 48, y);
      y += 36;
    }
    return canvas;
  }

  return { show, picture };
}
