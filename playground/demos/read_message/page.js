// Read a message: every reader's verdict, the words that decided, and closer looks at the readers.

import { chart } from "./chart.js";
import { padding, risk, signed, table } from "./closer.js";
import { mount as mountWords } from "./components/words/words.js";
import { element } from "./element.js";
import { classical, net, verdict } from "./readers.js";
import { hashed, words } from "./terms.js";

const sure = (p) => (p > 0.9995 ? "over 99.9\u00a0%" : `${(100 * p).toFixed(1)}\u00a0%`);
const quiet = (text) => element("p", { className: "quiet", textContent: text });

export async function mount(slots, facts, change) {
  const { tasks, limits, kinds } = facts;
  const readers = Object.fromEntries(facts.readers.map((reader) => [reader.name, reader]));
  const loaded = {}; // as they are asked for
  const load = (name) => (loaded[name] ??= readers[name].config.classifier ? classical(readers[name]) : net(readers[name], facts.digits, facts.shapes));
  let read = {}; // the last verdicts, by reader and message
  let view = null; // what is shown now

  async function judged(name, message) {
    const key = `${name}\n${message}`;
    if (Object.keys(read).length > 50) read = {};
    return (read[key] ??= await verdict(await load(name), message, limits));
  }

  // --- words left out ---

  const mark = (message) => hashed(message).toString(16).padStart(8, "0");

  function leftOut({ message, out }) {
    const [of, ...numbers] = out.split("_");
    return new Set(of === mark(message) ? numbers.map(Number) : []);
  }

  function left(v) {
    const spans = words(v.message);
    const gone = [...leftOut(v)].filter((i) => i < spans.length).sort((a, b) => b - a);
    return gone.reduce((text, i) => `${text.slice(0, spans[i][0])} ${text.slice(spans[i][1])}`, v.message);
  }

  function toggled(v, at) {
    const numbers = leftOut(v);
    if (!numbers.delete(at)) numbers.add(at);
    return numbers.size ? [mark(v.message), ...[...numbers].sort((a, b) => a - b)].join("_") : "";
  }

  function marked({ message, out, changes }) {
    const parts = [];
    let [at, next] = [0, 0];
    words(message).forEach(([start, end], i) => {
      if (start > at) parts.push({ text: message.slice(at, start) });
      parts.push({ text: message.slice(start, end), change: out.has(i) ? 0 : changes[next++], out: out.has(i) });
      at = end;
    });
    if (at < message.length) parts.push({ text: message.slice(at) });
    const most = parts.reduce((large, { change = 0 }) => Math.max(large, Math.abs(change)), limits.strong);
    return { parts, most, unit: "log-odds" };
  }

  // --- what is said ---

  const asked = ({ lost, missed }) => Math.log(lost / missed);
  const answer = (found, v) => (v.task === "spam" ? Number(found.odds[1] > asked(v)) : found.label);

  async function doubt(v, message) {
    if (!kinds) return "";
    const { data, noun } = tasks[v.task];
    const { probabilities: found } = await verdict(await load(kinds.name), message, { most: 0, work: 0, letters: 1 });
    const own = Object.keys(kinds.familiar).indexOf(data);
    if (found[own] >= kinds.familiar[data]) return "";
    const like = kinds.classes.map((name, i) => [i === own ? -1 : found[i], name]).sort(([a], [b]) => b - a)[0][1];
    return `I don't know: the readers learnt from ${noun}, and this looks like “${like}”. Of 100 held-back ${noun}, 99 look more like one.`;
  }

  function told({ style, title }, found, message, called, why) {
    const ranked = found.changes.map((value, i) => [value, message.slice(...found.spans[i])]).sort(([a], [b]) => b - a);
    const sides = {
      "for it": ranked.slice(0, limits.strongest).filter(([value]) => value > 0),
      "against it": ranked.slice(-limits.strongest).reverse().filter(([value]) => value < 0),
    };
    const parts = [`${title}: ${called[found.label]}`];
    for (const [side, pairs] of Object.entries(sides)) if (pairs.length) parts.push(`${side} ${pairs.map(([value, word]) => `${word} ${signed(value)}`).join(", ")}`);
    const line = quiet(`${parts.join("; ")}. Press a word to leave it out.`);
    return why ? [element("p", { className: "warning", textContent: why }), line] : [line];
  }

  function verdicts(v, found, called, why) {
    const columns = { reader: [], says: [], "how sure": [], "log-odds": [] };
    for (const [name, one] of Object.entries(found)) {
      const label = answer(one, v);
      const row = [readers[name].title, called[label] + (why ? "?" : ""), sure(one.probabilities[label]), signed(one.odds[label])];
      Object.values(columns).forEach((cells, i) => cells.push([row[i], name === v.model]));
    }
    return table(columns);
  }

  async function closer(v, message) {
    const task = tasks[v.task];
    if (v.part === "fails") return [[quiet(facts.fails)], []];
    if (v.part === "risk") return risk(facts.measured, readers, v.model, asked(v), limits.least);
    if (v.part === "padding") return padding(facts.padding, await load(facts.padding.name), message, task.classes);
    const { html, figures } = task.looks[v.part];
    return [[element("div", { innerHTML: html })], figures];
  }

  // --- the page ---

  let sheet = null; // the component
  function show_words(state) {
    if (sheet) return sheet.update(state);
    slots.words.replaceChildren();
    sheet = mountWords(slots.words, state, ({ at }) => change("out", toggled(view.v, at)));
  }

  async function show(v, stale) {
    const { classes, readers: names } = tasks[v.task];
    const message = left(v);
    const found = {};
    await Promise.all(names.map(load));
    for (const name of names) {
      found[name] = await judged(name, message);
      if (stale()) return;
    }
    const why = await doubt(v, message);
    view = { v, found, message };
    show_words(marked({ message: v.message, out: leftOut(v), changes: found[v.model].changes }));
    if (words(message).length) {
      slots.said.replaceChildren(...told(readers[v.model], found[v.model], message, classes, why));
      slots.verdicts.replaceChildren(verdicts(v, found, classes, why));
    } else {
      slots.said.replaceChildren(element("p", { textContent: "There is no word to read. Type a message, or choose an example." }));
      slots.verdicts.replaceChildren();
    }
    const [parts, figures] = await closer(v, message);
    if (stale()) return;
    slots.closer.replaceChildren(...parts);
    slots.charts.replaceChildren(...figures.flatMap((figure) => [element("p", {}, element("b", { textContent: figure.title })), chart(figure)]));
  }

  // The message with its words coloured, and what each reader says.
  function picture() {
    const canvas = element("canvas", { width: 960, height: 960 });
    const pen = canvas.getContext("2d");
    pen.font = "26px 'Zoo Serif', serif";
    const { v, found, message } = view;
    const { parts, most } = marked({ message: v.message, out: leftOut(v), changes: found[v.model].changes });
    let [x, y] = [48, 74];
    for (const { text, change = 0, out } of parts)
      for (const piece of out ? [] : text.trim() ? [text] : text) {
        const wide = pen.measureText(piece).width;
        if (piece === "\n" || x + wide > 912) [x, y] = [48, y + 42];
        if (!piece.trim() && x === 48) continue;
        const share = Math.max(-1, Math.min(1, change / most));
        pen.fillStyle = `rgb(${share > 0 ? "232 115 26" : "61 90 128"} / ${0.6 * Math.abs(share)})`;
        pen.fillRect(x - 2, y - 27, wide + 3, 36);
        pen.fillStyle = "#1b1b1f";
        pen.fillText(piece, x, y);
        x += wide;
      }
    if (words(message).length)
      Object.entries(found).forEach(([name, one], i) => {
        const label = answer(one, v);
        pen.fillText(`${readers[name].title}: ${tasks[v.task].classes[label]}, ${sure(one.probabilities[label])}`, 48, y + 67 + 42 * i);
      });
    return canvas;
  }

  const buttons = {
    example: {
      press: (v, name) => ({ message: tasks[v.task].examples[name], out: "" }),
      options: ({ task }) => Object.fromEntries(Object.keys(tasks[task].examples).map((name) => [name, name])),
    },
    back: { press: () => ({ out: "" }), when: (v) => leftOut(v).size > 0 },
  };

  return { show, picture, buttons };
}
