// Name maker: names for a gender and an origin, how each of their letters came, and for whom a name is; the network runs here.

import { columns, numbers, posteriors, products, rule } from "./bayes.js";
import { hashed, probabilities, written } from "./char_rnn.js";
import { mount as mountNames } from "./components/names/names.js";
import { element } from "./element.js";
import { network } from "./recurrent.js";
import { tensors } from "./tensors.js";
import { face, percent, scientific, shown, spelt } from "./words.js";

const quiet = (textContent) => element("p", { className: "quiet", textContent });

export async function mount(slots, { models, sizes, latin, called: titles, said: words }, change) {
  const loaded = {}; // by name, once asked for
  const load = (model) =>
    (loaded[model.name] ??= Promise.all([tensors(`${model.name}.safetensors`), tensors(`${model.name}.known.safetensors`)]).then(
      ([stored, { known }]) => ({ net: network(model.config, stored), known: new Set(known.data) }),
    ));
  const called = (kind) => kind.map((option) => titles[option] ?? option).join(", ");
  const modelOf = (v) => models.find(({ name }) => name === v.model);

  // What is asked for as shares of all options in order; null where nothing is.
  function wishes({ conditions }, { gender, origin, india }) {
    const blend = origin === "blend" ? { US: 1 - india / 100, India: india / 100 } : { [origin]: 1 };
    const wanted = { gender: { [gender]: 1 }, origin: blend };
    const shares = conditions.flatMap(([name, options]) => options.map((option) => wanted[name]?.[option] ?? 0));
    return shares.some(Boolean) ? shares : null;
  }

  // --- names ---

  let made = []; // the different names, in order: text, index, times, new, letters
  let at = 0; // the chosen one
  let begun = ""; // the beginning, in characters that the model knows
  let before = ""; // what they were made for

  async function make(v) {
    const model = modelOf(v);
    const { net, known } = await load(model);
    begun = spelt(model, v.beginning, latin).text;
    const { wild, top_p, min_p, seed } = v;
    const asked = { beginning: begun, given: wishes(model, v), seed, how: { wild, top_p, min_p, top_k: 0, repetition: 1 }, count: sizes.count, length: sizes.length };
    if (JSON.stringify([model.name, asked]) !== before) {
      before = JSON.stringify([model.name, asked]);
      const found = new Map();
      written(net, model.chars, asked).forEach((letters, index) => {
        const text = begun + letters.map(({ c }) => c).filter((c) => c !== "\n").join("");
        if (found.has(text)) found.get(text).times++;
        else if (text) found.set(text, { text, index, times: 1, new: !known.has(hashed(text)), letters });
      });
      made = [...found.values()];
    }
    at = Math.max(0, made.findLastIndex(({ index }) => index <= v.chosen));
  }

  // The letters of the chosen name: each with the probability that it was drawn with, and the likeliest others.
  function letters(model) {
    const own = [...shown(model, begun)].map((text) => ({ text, p: null, others: [] }));
    const drawn = (made[at]?.letters ?? []).map(({ c, p }, i) => {
      const first = !begun && !i;
      const ranked = [...p.keys()].sort((a, b) => p[b] - p[a] || a - b).filter((k) => p[k] > 0 && model.chars[k] !== c).slice(0, sizes.others);
      const others = ranked.map((k) => ({ text: face(model, model.chars[k], first), p: p[k], begins: model.chars[k] !== "\n" }));
      return { text: face(model, c, first), p: p[model.chars.indexOf(c)], others };
    });
    return [...own, ...drawn];
  }

  let view = null; // the component
  let shownLetters = [];

  function choose({ at: place, letter, other }) {
    if (place !== undefined) return change("chosen", made[place].index);
    const { text } = shownLetters[letter].others[other];
    const begins = made[at].text;
    const model = models.find(({ name }) => name === JSON.parse(before)[0]);
    change("chosen", 0);
    change("beginning", shown(model, [...begins].slice(0, letter).join("") + (text === "space" ? " " : text)));
  }

  function showNames(v, model) {
    shownLetters = made.length ? letters(model) : [];
    const p = shownLetters.reduce((product, { p }) => product * (p ?? 1), 1);
    const said = shownLetters.length ? words.drawn.replace("{}", scientific(p)) : words.none;
    const state = { names: made.map((one) => ({ text: shown(model, one.text), new: one.new, times: one.times })), at, letters: shownLetters, said };
    if (view) view.update(state);
    else {
      slots.names.replaceChildren();
      view = mountNames(slots.names, state, choose);
    }
    const { note } = spelt(model, v.beginning, latin);
    const fresh = made.filter((one) => one.new).length;
    const told = `${made.reduce((sum, { times }) => sum + times, 0)} names drawn, ${made.length} different, ${fresh} of them new.`;
    slots.said.replaceChildren(...(note ? [quiet(note)] : []), quiet(told), quiet(model.means));
  }

  // --- whose name ---

  function belief(model, net, text, india) {
    const { conditions } = model;
    const kinds = conditions.reduce((all, [, options]) => all.flatMap((kind) => options.map((option) => [...kind, option])), [[]]);
    const weights = kinds.map((kind) => kind.reduce((w, option) => w * ({ India: india / 100, US: 1 - india / 100 }[option] ?? 1), 1));
    const sum = weights.reduce((a, b) => a + b, 0);
    const prior = weights.map((w) => w / sum);
    const given = (kind) => (conditions.length ? conditions.flatMap(([, options], i) => options.map((option) => Number(option === kind[i]))) : null);
    const found = kinds.map((kind) => probabilities(net, model.chars, text, given(kind)));
    const p = found[0].map((_, i) => found.map((column) => column[i]));
    return { kinds, prior, p, posterior: posteriors(p, prior) };
  }

  async function showWhose(v, model) {
    const { text, note } = spelt(model, v.name, latin);
    const notes = note ? [quiet(note)] : [];
    slots.plainly.replaceChildren(...(model.plainly ? [element("p", { style: "margin: 0; max-width: 70ch", textContent: model.plainly })] : []));
    if (!text) {
      for (const slot of ["belief", "numbers"]) slots[slot].replaceChildren();
      return slots.verdict.replaceChildren(...(note ? notes : [quiet(words.empty)]));
    }
    const { net } = await load(model);
    const found = belief(model, net, text, v.prior);
    const names = [...[...text].map((c, i) => face(model, c, i === 0)), "end"];
    const name = element("b", { textContent: shown(model, text) });
    if (found.kinds.length === 1) {
      slots.verdict.replaceChildren(...notes, element("p", { className: "lead" }, name), quiet(words.one.replace("{}", scientific(products(found)[0]))));
      slots.belief.replaceChildren();
    } else {
      const sides = model.conditions.map(([, options], i) =>
        options.map((option) => {
          const share = found.posterior.at(-1).reduce((sum, p, k) => sum + (found.kinds[k][i] === option ? p : 0), 0);
          return `${titles[option] ?? option}\u00a0${percent(share)}`;
        }),
      );
      slots.verdict.replaceChildren(...notes, element("p", { className: "lead" }, name, `: ${sides.map((side) => side.join(", ")).join("; ")}`));
      slots.belief.replaceChildren(element("p", {}, element("b", { textContent: words.chart })), columns(found, ["prior", ...names], called));
    }
    const { heads, rows, best } = numbers(found, names, called);
    const head = element("tr", {}, ...heads.map((textContent) => element("th", { textContent })));
    const body = rows.map((row, i) =>
      element("tr", {}, ...row.map((cell, k) => element("td", { style: "text-align: left" }, i === rows.length - 1 && k === best ? element("b", { textContent: cell }) : cell))),
    );
    const table = element("table", {}, element("thead", {}, head), element("tbody", {}, ...body));
    slots.numbers.replaceChildren(element("div", { className: "scroll", tabIndex: 0 }, table), quiet(rule(found, called)));
  }

  const buttons = {
    weigh: {
      press: (v) => ({ name: shown(modelOf(v), made[at].text).slice(0, sizes.name) }),
      when: () => made.length > 0,
    },
  };

  // The names in two columns, a point before each that is new.
  function picture() {
    const canvas = element("canvas", { width: 960, height: 706 });
    const pen = canvas.getContext("2d");
    pen.font = "40px 'Zoo Serif', serif";
    pen.textBaseline = "middle";
    const model = models.find(({ name }) => name === JSON.parse(before)[0]);
    made.forEach((one, i) => {
      const [x, y] = [56 + Math.floor(i / 10) * 452, 56 + (i % 10) * 66];
      pen.fillStyle = "#1b1b1f";
      pen.fillText(shown(model, one.text), x, y, 396);
      pen.fillStyle = "#e8731a";
      pen.beginPath();
      pen.arc(x - 18, y + 2, 6, 0, 2 * Math.PI);
      if (one.new) pen.fill();
    });
    return canvas;
  }

  async function show(v) {
    await make(v);
    showNames(v, modelOf(v));
    await showWhose(v, modelOf(v));
  }

  return { show, picture, buttons };
}
