// Bayes' rule on a typed name, as bayes.py has it: the numbers, and columns of shares.

import { percent, scientific } from "./words.js";

const COLORS = ["#d96a14", "var(--slate)", "#8a4107", "#6b8fbe"]; // of the first condition's options
const [HIGH, LEFT, BOTTOM, TOP, APART, FEW] = [340, 52, 48, 8, 9, 9];
const SVG = "http://www.w3.org/2000/svg";

function shape(name, properties, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(properties)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// The answers before any letter, after each, and after the end: p (letters + 1, kinds) and a prior (kinds).
export function posteriors(p, prior) {
  const sums = prior.map(Math.log);
  return [null, ...p].map((row) => {
    row?.forEach((value, k) => (sums[k] += Math.log(value)));
    const top = Math.max(...sums);
    const all = sums.reduce((sum, value) => sum + Math.exp(value - top), 0);
    return sums.map((value) => Math.exp(value - top) / all);
  });
}

export const products = ({ prior, p }) => prior.map((start, k) => p.reduce((product, row) => product * row[k], start));
const total = (list) => list.reduce((a, b) => a + b, 0);
const best = (list) => list.indexOf(Math.max(...list));

// What stands in the table: its columns by name, and the row and column of the answer.
export function numbers(found, names, called) {
  const [product, answers] = [products(found), found.posterior.at(-1)];
  const only = found.kinds.length === 1;
  const rows = [...(only ? [] : ["prior"]), ...names, "product", ...(only ? [] : ["answer"])];
  const columns = found.kinds.map((kind, k) => [
    ...(only ? [] : [percent(found.prior[k])]),
    ...found.p.map((row) => percent(row[k])),
    scientific(product[k]),
    ...(only ? [] : [percent(answers[k])]),
  ]);
  const heads = found.kinds.map((kind) => called(kind) || "probability");
  return { heads: ["letter", ...heads], rows: rows.map((row, i) => [row, ...columns.map((column) => column[i])]), best: only ? null : best(answers) + 1 };
}

export function rule(found, called) {
  if (found.kinds.length === 1) return "Each letter's probability after those before it; the product is the name's.";
  const [product, answers] = [products(found), found.posterior.at(-1)];
  const k = best(answers);
  return (
    "A column is multiplied: the prior, then each letter's probability after those before it. The answer is a column's product over " +
    `the sum of all: ${called(found.kinds[k])}, ${scientific(product[k])} / ${scientific(total(product))} = ${percent(answers[k])}.`
  );
}

// Rising places in 0 to 100 with some room between two.
function apart(places) {
  const moved = [];
  for (const place of places) moved.push(Math.max(place, moved.length ? moved.at(-1) + APART : APART / 2));
  for (let i = moved.length - 1; i >= 0; i--) moved[i] = Math.min(moved[i], i + 1 < moved.length ? moved[i + 1] - APART : 100 - APART / 2);
  return moved;
}

const made = new WeakMap(); // by element: the columns in it
const watch = new ResizeObserver((entries) => entries.forEach(({ target }) => target.clientWidth && target.replaceChildren(drawn(...made.get(target), Math.min(640, target.clientWidth)))));

// A column of shares for each letter, each kind's name beside the last, as wide as there is room.
export function columns(found, names, called) {
  const host = document.createElement("div");
  host.style.minHeight = `${HIGH}px`;
  made.set(host, [found, names, called]);
  watch.observe(host);
  return host;
}

function drawn({ kinds, posterior }, names, called, wide) {
  const right = wide - 84;
  const each = (right - LEFT) / names.length;
  const up = (value) => HIGH - BOTTOM - (value / 100) * (HIGH - BOTTOM - TOP);
  const text = (said, place) => shape("text", { fill: "currentColor", ...place }, said);
  const label = posterior.at(-1).map((p, k) => `${called(kinds[k])} ${percent(p)}`).join(", ");
  const root = shape("svg", { width: wide, height: HIGH, role: "img", "font-size": 14, "aria-label": `The answer in the end: ${label}` });
  for (const tick of [0, 20, 40, 60, 80, 100]) {
    root.append(shape("path", { d: `M${LEFT} ${up(tick)}H${right}`, stroke: "currentColor", opacity: 0.15 }));
    root.append(text(String(tick), { x: LEFT - 8, y: up(tick) + 5, "text-anchor": "end" }));
  }
  const first = [...new Set(kinds.map(([option]) => option))];
  kinds.forEach((kind, k) => {
    const color = COLORS[first.indexOf(kind[0]) % COLORS.length];
    const within = kinds.filter(([option]) => option === kind[0]).indexOf(kind);
    const stripes = shape("pattern", { id: `kind-${k}`, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: `rotate(${45 * within})` });
    stripes.append(shape("rect", { width: within ? 3 : 6, height: 6, style: `fill: ${color}` }));
    root.append(shape("defs", {}, stripes));
    posterior.forEach((row, i) => {
      const below = 100 * total(row.slice(0, k));
      const high = up(below) - up(below + 100 * row[k]);
      root.append(shape("rect", { x: LEFT + i * each + 0.06 * each, y: up(below) - high, width: 0.88 * each, height: high, fill: `url(#kind-${k})` }, shape("title", {}, `after ${names[i]}: ${called(kind)} ${percent(row[k])}`)));
    });
  });
  const last = posterior.at(-1);
  apart(last.map((p, k) => 100 * (total(last.slice(0, k)) + p / 2))).forEach((place, k) => root.append(text(called(kinds[k]), { x: right + 6, y: up(place) + 5 })));
  const ticks = names.length <= FEW ? names : ["", ...names.slice(1, -1), ""];
  ticks.forEach((name, i) => root.append(text(name, { x: LEFT + (i + 0.5) * each, y: HIGH - BOTTOM + 20, "text-anchor": "middle" })));
  root.append(text("letter read", { x: (LEFT + right) / 2, y: HIGH - 6, "text-anchor": "middle" }));
  root.append(text("probability, %", { x: 12, y: HIGH / 2, "text-anchor": "middle", transform: `rotate(-90 12 ${HIGH / 2})` }));
  return root;
}
