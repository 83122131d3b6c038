// Names and numbers in words, as maker.py and bayes.py have them.

import { nearest } from "./characters.js";

const BLANK = "\u00a0";
const RAISED = Object.fromEntries([..."-0123456789"].map((c, i) => [c, [..."⁻⁰¹²³⁴⁵⁶⁷⁸⁹"][i]]));

const small = ({ chars }) => chars.every((c) => c === c.toLowerCase());
export const shown = (model, text) => (small(model) ? text.slice(0, 1).toUpperCase() + text.slice(1) : text);
export const face = (model, c, first) => ({ "\n": "end", " ": "space" })[c] ?? (first ? shown(model, c) : c);

// A text in characters that the model knows, on one line, and a sentence on what it did not know.
export function spelt(model, given, latin) {
  const { chars, alphabet } = model;
  const trimmed = given.replaceAll("\n", " ").replace(/^ +| +$/g, "");
  const text = small(model) ? trimmed.toLowerCase() : trimmed;
  const unknown = [...new Set(text)].filter((c) => !chars.includes(c)).slice(0, 12);
  const found = nearest([...text].map((c) => (chars.includes(c) ? c : (latin[c] ?? c))).join(""), chars);
  const lacking = `The model knows ${alphabet}, not ${unknown.map((c) => (c === " " ? "a space" : `“${c}”`)).join(" ")}`;
  const note = found ? `${lacking}: it reads “${found}”.` : `${lacking}: type it in characters that it knows.`;
  return { text: found, note: unknown.length ? note : "" };
}

export function percent(p) {
  if (p < 0.0005) return `<0.1${BLANK}%`;
  return p > 0.9995 && p < 1 ? `>99.9${BLANK}%` : `${(100 * p).toFixed(1)}${BLANK}%`;
}

export function scientific(x) {
  if (x >= 0.001) return percent(x);
  const [digits, power] = x.toExponential(1).split("e");
  return `${digits}${BLANK}×${BLANK}10${[...power].map((c) => RAISED[c] ?? "").join("")}`;
}
