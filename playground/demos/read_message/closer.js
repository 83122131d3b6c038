// Closer looks at readers that depend on what is set: every threshold of spam, and what padding does; as risk.py and padding.py have them.

import { element } from "./element.js";

export const signed = (odds) => `${odds < 0 ? "−" : "+"}${Math.abs(odds).toFixed(2)}`;

// A table of {head: [[text, bold]]}.
export function table(columns) {
  const cell = ([text, best]) => element("td", {}, best ? element("b", { textContent: text }) : text);
  const rows = Object.values(columns)[0].map((_, i) => element("tr", {}, ...Object.values(columns).map((cells) => cell(cells[i]))));
  const head = element("tr", {}, ...Object.keys(columns).map((name) => element("th", { textContent: name })));
  return element("div", { className: "scroll", tabIndex: 0 }, element("table", {}, head, ...rows));
}

const words = (text) => element("p", {}, ...text.split("**").map((part, i) => (i % 2 ? element("b", { textContent: part }) : part)));
const bare = { points: false, log: false, mark: null, ring: null, least: null, corner: ["right", "bottom"] };

function precise({ majority }, found, lost) {
  const [spam, mistaken] = [found * (1 - majority / 100), (lost * majority) / 100];
  return spam + mistaken ? spam / (spam + mistaken) : 1;
}

// What is found and lost at each threshold, precision over recall, and recall at 0.1 % false alarms.
export function risk(measured, readers, own, at, least) {
  const names = Object.keys(measured);
  const name = names.includes(own) ? own : names[0];
  const kept = measured[name];
  const i = kept.threshold.findIndex((value) => value >= at);
  const [found, lost] = i < 0 ? [0, 0] : [kept.found[i], kept.false_alarms[i]];
  const { style } = readers[name];
  const said = words(
    `At these costs the ${style} calls a message spam from log-odds of **${signed(at)}** on. Of messages held back it then finds ` +
      `**${(100 * found).toFixed(1)} %** of the spam and loses **${(1000 * lost).toFixed(1)}** of 1,000 wanted ones.`,
  );
  const few = names.map((one) => measured[one].few);
  const columns = {
    reader: names.map((one) => [readers[one].title, false]),
    "spam found where 0.1 % of wanted ones are lost": few.map((share) => [share === null ? "-" : `${share.toFixed(1)}\u00a0%`, share === Math.max(...few)]),
  };
  const percent = (list) => list.map((share) => 100 * share);
  const curve = (one) => [percent(one.found), one.found.map((share, j) => 100 * precise(one, share, one.false_alarms[j]))];
  return [
    [said, table(columns)],
    [
      {
        ...bare, title: "Found and lost, by the threshold", x: "log-odds asked for", y: "% of them", mark: at, corner: ["right", "top"],
        series: { "spam found": [kept.threshold, percent(kept.found)], "wanted ones lost": [kept.threshold, percent(kept.false_alarms)] },
      },
      {
        ...bare, title: "Precision over recall", x: "recall, %", y: "precision, %", ring: [100 * found, 100 * precise(kept, found, lost)], least,
        corner: ["left", "bottom"], series: Object.fromEntries(names.map((one) => [readers[one].title, curve(measured[one])])),
      },
    ],
  ];
}

// What becomes of a message's log-odds as a network reads on through the blanks that pad it.
export async function padding({ blanks, beside, said, ways }, reader, message, classes) {
  const odds = {};
  for (const [which, text] of Object.entries({ "this message": message, ...beside }))
    odds[which] = (await reader.padded(text, blanks)).map(([not, is]) => is - not);
  const told = (value) => [`${classes[Number(value > 0)]}, ${signed(value)}`, false];
  const columns = {
    message: Object.keys(odds).map((which) => [which, false]),
    "at its end": Object.values(odds).map((list) => told(list[0])),
    [`${blanks} blanks later`]: Object.values(odds).map((list) => told(list.at(-1))),
  };
  const series = Object.fromEntries(Object.entries(odds).map(([which, list]) => [which, [list.map((_, i) => i), list]]));
  const figure = { ...bare, title: "What the blanks wipe out", x: "blanks read after the message", y: `log-odds of ${classes[1]}`, series };
  const rates = { "of messages held back": ways.map(([way]) => [way, false]), right: ways.map(([, share]) => [`${share.toFixed(1)}\u00a0%`, false]) };
  return [[words(said), table(columns), ...(ways.length ? [table(rates)] : [])], [figure]];
}
