// Reading and writing with a character model: what zoo/models/char_gpt and char_rnn, zoo/writing.py and writing.py beside this file do.

import { choose, distribution, nearest } from "./characters.js";
import { network } from "./network.js";
import { uniform } from "./noise.js";
import { network as recurrent } from "./recurrent.js";
import { tensors } from "./tensors.js";

const RECENT = 64; // characters that count as repeated, as zoo/writing.py has it
const STRETCH = 64; // characters read at once

// A text in characters that the model knows, and a sentence on what was replaced.
export function known({ chars, style }, text) {
  const unknown = [...new Set(text)].filter((c) => !chars.includes(c)).slice(0, 12);
  const note = `${style} does not know ${unknown.map((c) => `'${c}'`).join(" ")}: the nearest characters stand for them.`;
  return { text: nearest(text, chars), note: unknown.length ? note : "" };
}

// The likeliest characters of a distribution and their probabilities.
export const likeliest = ({ chars }, p, most = 12) =>
  [...p.keys()]
    .sort((a, b) => p[b] - p[a] || a - b)
    .slice(0, most)
    .filter((i) => p[i] > 0)
    .map((i) => [chars[i], p[i]]);

// What runs a voice: a transformer's graph, or a recurrent network's steps.
export const runner = async ({ name, attends, config }) => (attends ? network(`${name}.onnx`) : recurrent(config, await tensors(`${name}.safetensors`)));

// What a voice makes of a text: `x`, the characters' numbers, and `logits` after each; read(text, stale) reads on, copy() another way on.
export const reader = (run, model, given) => (model.attends ? looking : stepping)(run, model, given);

// The same, with a state that each character changes.
function stepping(run, model, given = { x: [], logits: [], state: run.begin(null) }) {
  const [x, logits] = [[...given.x], [...given.logits]];
  let { state } = given;

  async function read(text, stale = () => false) {
    for (const c of text) {
      if (stale()) return;
      x.push(model.chars.indexOf(c));
      state = run.step(state, x.at(-1));
      logits.push(run.logits(state));
      if (text.length > 1 && x.length % STRETCH === 0) await new Promise(requestAnimationFrame); // the page stays alive
    }
  }

  return { x, logits, read, copy: () => stepping(run, model, { x, logits, state }) };
}

// The same, with keys and values of the last characters in rings.
//
// read(text) reads on, a stretch at a time, and stops between two where stale() says so; it gives what each character of the last
// stretch looks at among that stretch: layers, heads, characters, characters.
function looking(run, model, given = { x: [], logits: [] }) {
  const { layers, heads, window: size, depth } = model;
  const dims = [1, layers, 2, heads, size, depth];
  const rings = given.rings?.slice() ?? new Float32Array(dims.reduce((a, b) => a * b));
  const [x, logits] = [[...given.x], [...given.logits]];

  async function read(text, stale = () => false) {
    const numbers = [...text].map((c) => model.chars.indexOf(c));
    let looks;
    for (let from = 0; from < numbers.length && !stale(); from += STRETCH) {
      const part = numbers.slice(from, from + STRETCH);
      const whole = (values) => ({ data: BigInt64Array.from(values, BigInt), dims: [values.length] });
      const found = await run({ x: whole(part), place: whole([x.length]), rings: { data: rings, dims } });
      for (let row = 0; row < layers * 2 * heads; row++)
        part.forEach((_, i) => {
          const at = (row * part.length + i) * depth;
          rings.set(found.kv.data.subarray(at, at + depth), (row * size + ((x.length + i) % size)) * depth);
        });
      part.forEach((_, i) => logits.push(found.logits.data.slice(i * model.chars.length, (i + 1) * model.chars.length)));
      x.push(...part);
      looks = found.looks.data;
      if (numbers.length > 1) await new Promise(requestAnimationFrame); // the page stays alive
    }
    return looks;
  }

  return { x, logits, read, copy: () => looking(run, model, { x, logits, rings }) };
}

// What stands before a text that begins with nothing.
export const start = ({ chars }) => (chars.includes("\n") ? "\n" : chars[0]);

// A text that goes on after a prompt, as `CharGPT.trace` does: `text` grows by a character with each step(), until `done`.
//
// `p` is what the last character was drawn from; `from` is a reader that has read the prompt, if one has.
export function writing(run, model, prompt, { length, seed, how, branch = 0, from = null }) {
  const chance = uniform(length, seed, branch);
  const own = from ?? reader(run, model);
  const opening = [...(prompt || start(model))];
  const recent = [...prompt].slice(-RECENT).map((c) => model.chars.indexOf(c));
  const self = { text: "", p: null, done: false, reader: own };
  self.step = async (stale) => {
    if (own.x.length < opening.length) await own.read(opening.slice(own.x.length), stale);
    if (own.x.length < opening.length) return;
    self.p = distribution(own.logits.at(-1), how, recent);
    const next = choose(self.p, chance[self.text.length]);
    recent.push(next);
    if (recent.length > RECENT) recent.shift();
    self.text += model.chars[next];
    await own.read(model.chars[next]);
    self.done = self.text.length >= length;
  };
  return self;
}

// What could come after the first `count` characters of a text that was read: the probabilities that one would be drawn from.
export const following = ({ x, logits }, count, how) => distribution(logits[count - 1], how, x.slice(0, count).slice(-RECENT));

// How surprising each character after the first is, in bits, to the model that read them.
export const bits = ({ x, logits }) =>
  x.slice(1).map((next, i) => {
    const top = Math.max(...logits[i]);
    return Math.log2(logits[i].reduce((sum, value) => sum + Math.exp(value - top), 0)) - (logits[i][next] - top) / Math.LN2;
  });
