// A demo's page without a server: its layout with all controls, link, download. What is shown comes from demo.js, which exports
//
//   mount(slots, facts, change, press)   loads the models and returns {show(values, stale), picture(), clear, exports, buttons, handles}
//
// slots: the element of each slot, by name, for the demo to fill. In a slot that presses a button an element with data-option presses it.
// change(name, value): sets a control. press(name, option): presses a button.
// picture(): the canvas to download, on white unless `clear`. exports, by kind: what else can be downloaded, as text.
// buttons, by name: {press(values, option), options(values), when(values)}: what changes; what may be pressed, {option: title}; whether it is shown.
//
// handles(name): the lines with grips that a pad shows, after show().
//
// show() may take its time: the page asks for the newest values once it is done, and never for two at once. For what takes long it
// may return a function, called when all else is shown and the pads are answered; it ends early once stale() is true.

import * as demo from "./demo.js";
import { element } from "./element.js";
import { read, write } from "./link.js";
import { MAX_SEED } from "./noise.js";

const LINE = 200; // characters of a text that is typed in one line, at most

const [stage, problems, said, loading] = ["stage", "problems", "said", "loading"].map((id) => document.getElementById(id));

const facts = await (await fetch("facts.json")).json();
const { fields, buttons } = facts; // what the controls hold, as playground/fields.py has it; what may be pressed
const mountPad = Object.values(fields).some(({ kind }) => kind === "drawing") && (await import("./components/canvas/canvas.js")).mount;
const recorder = Object.values(fields).some(({ kind }) => kind === "sound") && (await import("./recorder.js")).recorder;
const { values, problems: bad, weights } = await read(new URLSearchParams(location.search), fields);
if (weights && weights !== facts.weights)
  bad.push(`The link was made with other weights (“${weights.slice(0, 40)}”; here “${facts.weights}”): the result may differ.`);
let shown = { picture: () => null };
const slots = {}; // by name: where it is
let busy = true; // until the models are there
let stale = false;

function complain(lines) {
  problems.textContent = lines.join("\n");
  problems.hidden = !lines.length;
}

async function refresh() {
  stale = true;
  arrange();
  if (busy) return;
  busy = true;
  try {
    while (stale) {
      stale = false;
      mark(true);
      const now = structuredClone(values);
      const late = await shown.show(now, () => stale);
      answers.forEach((answer) => answer(now));
      if (stale) continue;
      arrange();
      await late?.();
    }
  } catch (error) {
    complain([error.message]);
  }
  busy = false;
  arrange();
  mark(false);
}

// A demo may mark a slot as done before the others.
function mark(busy) {
  for (const part of [stage, ...Object.values(slots)]) part.setAttribute("aria-busy", busy);
}

function set(name, value) {
  values[name] = value;
  settle[name]?.(value);
  refresh();
}

async function press(name, option = "") {
  try {
    const changes = await shown.buttons[name].press(structuredClone(values), option);
    Object.assign(values, changes);
    for (const changed in changes) settle[changed]?.(values[changed]);
    complain([]);
  } catch (error) {
    complain([error.message]);
  }
  refresh();
}

// --- controls ---

const settle = {}; // by name: shows a value that did not come from the control itself
const answers = []; // of the pads: what they are told once their drawing has been shown
const arranged = []; // what depends on the other values: who is shown, where a slider ends, what may be pressed

const arrange = () => arranged.forEach((act) => act());
const told = ({ by, rows }) => rows.find(([given]) => given.every((value, i) => value === values[by[i]]))?.[1];

const MAKE = {
  choice(name, { label, options, help, bare, allows }) {
    const change = (value) => set(name, value);
    const allow = (shown) =>
      allows &&
      arranged.push(() => {
        const allowed = told(allows).filter((value) => value in options);
        if (!allowed.includes(values[name])) settle[name]((values[name] = allowed[0]));
        shown((value) => allowed.includes(value));
      });
    if (Object.keys(options).length > 12) {
      const list = element("select", { onchange: () => change(list.value) });
      for (const [value, title] of Object.entries(options)) list.append(element("option", { value, textContent: title }));
      settle[name] = (value) => (list.value = value);
      allow((may) => [...list.options].forEach((option) => (option.hidden = !may(option.value))));
      return labelled(label, help, list);
    }
    const radios = Object.entries(options).map(([value, title]) => {
      const radio = element("input", { type: "radio", name, value, onchange: () => change(value) });
      return element("label", {}, radio, element("span", { textContent: title }));
    });
    settle[name] = (value) => radios.forEach(({ firstChild }) => (firstChild.checked = firstChild.value === value));
    allow((may) => radios.forEach((radio) => (radio.hidden = !may(radio.firstChild.value))));
    const group = element("div", { className: "options" }, ...radios);
    return element("fieldset", { className: "control" }, element("legend", { textContent: label, className: bare ? "unseen" : "" }), group, ...note(help));
  },
  switch(name, { label, help }) {
    const box = element("input", { type: "checkbox", onchange: () => set(name, box.checked ? "yes" : "no") });
    settle[name] = (value) => (box.checked = value === "yes");
    return element("label", { className: "control switch" }, box, element("span", { textContent: label }), ...note(help));
  },
  number(name, { label, low, high, step, help, typed, names, unit = "", end }) {
    const output = element("output");
    const input = element("input", { type: typed ? "number" : "range", min: low, max: high, step });
    const title = (value) => names?.[value - low] ?? `${value} ${unit}`.trim();
    const say = () => {
      output.textContent = title(values[name]);
      if (names) input.setAttribute("aria-valuetext", title(values[name]));
    };
    input.oninput = () => {
      const value = Math.min(high, Math.max(low, Number(input.value)));
      if (!input.value.trim() || !Number.isFinite(value)) return;
      values[name] = value;
      say();
      refresh();
    };
    if (typed) input.onchange = () => (input.value = values[name]);
    settle[name] = (value) => {
      input.value = value;
      say();
    };
    if (end)
      arranged.push(() => {
        input.max = told(end);
        if (values[name] > input.max) settle[name]((values[name] = Number(input.max)));
      });
    return labelled(label, help, input, typed ? undefined : output);
  },
  text(name, { label, most, help }) {
    const kind = most <= LINE ? ["input", { type: "text" }] : ["textarea", {}];
    const area = element(kind[0], { ...kind[1], maxLength: most, spellcheck: false, oninput: () => set(name, area.value) });
    settle[name] = (value) => value !== area.value && (area.value = value);
    return labelled(label, help, area);
  },
  numbers(name, { label, low, high, step, length, shown, help }) {
    const parts = Array.from({ length }, (_, i) => {
      const input = element("input", { type: "range", min: low, max: high, step, ariaLabel: `${label} ${i + 1}` });
      input.oninput = () => {
        values[name][i] = Number(input.value);
        refresh();
      };
      return input;
    });
    settle[name] = (list) => parts.forEach((input, i) => (input.value = list[i]));
    const more = element("details", {}, element("summary", { textContent: shown ? "More" : label }), ...parts.slice(shown));
    if (!shown) return element("fieldset", { className: "control" }, more, ...note(help));
    return element("fieldset", { className: "control" }, element("legend", { textContent: label }), ...note(help), ...parts.slice(0, shown), more);
  },
  drawing(name, { label, help, pad: look, mirror, axes }) {
    const host = element("div");
    const held = (from) => ({
      strokes: from[name],
      ...(mirror && { mirror: from[mirror] === "yes" }),
      ...(axes && { axes: from[axes] }),
    });
    const lines = () => (axes ? { lines: shown.handles?.(name) ?? [] } : {});
    let answer = null; // what the pad waits for
    const pad = mountPad(host, { label, ...held(values), ...look }, ({ seq, ...given }) => {
      answer = { ...given, seq };
      values[name] = given.strokes;
      if (mirror) values[mirror] = given.mirror ? "yes" : "no";
      if (axes) values[axes] = given.axes;
      refresh();
    });
    answers.push((now) => {
      const { seq, ...given } = answer ?? {};
      if (seq && JSON.stringify(given) === JSON.stringify(held(now))) pad.update({ ...answer, ...lines() });
      else if (axes && !seq) pad.update({ ...held(now), ...lines() });
    });
    settle[name] = () => {
      answer = null;
      pad.update(held(values));
    };
    for (const other of [mirror, axes]) if (other) settle[other] = settle[name];
    host.append(...note(help));
    return host;
  },
  file(name, { label, help, types, most }) {
    const input = element("input", { type: "file", accept: types.map((type) => `.${type}`).join(",") });
    input.onchange = () => {
      const [file = null] = input.files;
      if (file?.size > most) return complain([`The file is over ${Math.floor(most / 2 ** 20)} MB: choose a smaller one.`]);
      complain([]);
      values[name] = file;
      refresh();
    };
    settle[name] = (value) => value || (input.value = "");
    return labelled(`${label}, up to ${Math.floor(most / 2 ** 20)} MB`, help, input);
  },
  sound(name, field) {
    const take = (file) => {
      complain([]);
      values[name] = file;
      refresh();
    };
    const { parts, forget } = recorder(field, take, (message) => complain([message]));
    settle[name] = (value) => value || forget();
    return element("fieldset", { className: "control" }, element("legend", { textContent: field.label }), ...parts, ...note(field.help));
  },
};

function note(help) {
  return help ? [element("span", { className: "help", textContent: help })] : [];
}

function labelled(label, help, input, output = "") {
  return element("label", { className: "control" }, element("span", { className: "name" }, element("span", { textContent: label }), output), input, ...note(help));
}

function control(name) {
  const field = fields[name];
  const made = MAKE[field.kind](name, field);
  made.dataset.field = name;
  settle[name](values[name]);
  if (field.when) arranged.push(() => (made.hidden = !told(field.when)));
  return made;
}

function button(name) {
  const { label, help, many } = buttons[name];
  const acts = () => shown.buttons?.[name];
  const group = element("div", { className: "options" });
  const made = many
    ? element("fieldset", { className: "control" }, element("legend", { textContent: label }), group, ...note(help))
    : element("button", { type: "button", textContent: label, title: help, onclick: () => press(name) });
  made.dataset.button = name;
  let before;
  arranged.push(() => {
    const options = many ? (acts()?.options(values) ?? {}) : { "": label };
    made.hidden = !acts() || !Object.keys(options).length || !(acts().when?.(values) ?? true);
    if (!many || JSON.stringify(options) === before) return;
    before = JSON.stringify(options);
    group.replaceChildren(
      ...Object.entries(options).map(([option, title]) =>
        element("button", { type: "button", textContent: title, onclick: () => press(name, option) }),
      ),
    );
  });
  return made;
}

// --- layout ---

function place({ slot, presses }) {
  slots[slot] = element("div");
  slots[slot].dataset.slot = slot;
  if (presses) {
    slots[slot].dataset.button = presses;
    slots[slot].onclick = ({ target }) => {
      const option = target.closest("[data-option]")?.dataset.option;
      if (option !== undefined) press(presses, option);
    };
  }
  return slots[slot];
}

const item = (one) => (one.slot ? place(one) : one in fields ? control(one) : button(one));
const group = (className, items) => (items.length ? [element("div", { className }, ...items.map(item))] : []);

for (const { title, lead, slots: middle, fields: beside, more, more_title, under, side, widths, stays } of facts.layout) {
  const controls = element("div", { className: "beside" }, ...beside.map(item));
  if (more.length) controls.append(element("details", {}, element("summary", { textContent: more_title }), ...more.map(item)));
  const columns = [...group(stays ? "slots stays" : "slots", middle), ...(controls.hasChildNodes() ? [controls] : [])];
  const shares = widths.map((width) => `minmax(0, ${width}fr)`);
  if (side === "left") [columns, shares].forEach((list) => list.reverse());
  const split = element("div", { className: "split" }, ...columns);
  if (columns.length > 1) split.style.setProperty("--columns", shares.join(" "));
  const section = element("section", {}, ...(title ? [element("h2", { textContent: title })] : []), ...group("row", lead));
  section.append(...(columns.length ? [split] : []), ...group("row", under));
  stage.append(section);
}
Object.values(slots)[0].append(loading); // until the demo puts its first result there
stage.onsubmit = (event) => event.preventDefault();
arrange();

// --- actions ---

const action = (id, act) => (document.getElementById(id).onclick = act);
document.getElementById("dice").hidden = !fields.seed;
action("dice", () => set("seed", Math.floor(Math.random() * Math.min(MAX_SEED, fields.seed.high) + 1)));
action("reset", () => {
  complain([]);
  for (const [name, field] of Object.entries(fields)) values[name] = structuredClone(field.default);
  for (const name in settle) settle[name](values[name]);
  refresh();
});
action("share", async () => {
  const link = new URL(location.href);
  link.search = await write(values, fields, facts.weights);
  history.replaceState(null, "", link);
  const copied = await navigator.clipboard?.writeText(link.href).then(() => true, () => false);
  said.textContent = copied ? "The link is copied." : "The link is in the address bar.";
});
action("download", async () => {
  const canvas = await shown.picture();
  if (!canvas) return (said.textContent = "There is nothing to download yet.");
  const paper = element("canvas", { width: canvas.width, height: canvas.height });
  const pen = paper.getContext("2d");
  pen.fillStyle = "#fff";
  if (!shown.clear) pen.fillRect(0, 0, paper.width, paper.height);
  pen.drawImage(canvas, 0, 0);
  save(await new Promise((done) => paper.toBlob(done)), "png");
});
for (const { label, kind, mime } of facts.exports) {
  const onclick = () => {
    if (!shown.exports) return (said.textContent = "There is nothing to download yet.");
    save(new Blob([shown.exports[kind]()], { type: mime }), kind);
  };
  said.before(element("button", { type: "button", textContent: label, onclick }));
}

function save(content, kind) {
  const address = URL.createObjectURL(content);
  element("a", { href: address, download: `${facts.name}.${kind}` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

complain(bad);
try {
  shown = await demo.mount(slots, facts, set, press);
  const missing = Object.keys(buttons).filter((name) => !shown.buttons?.[name]);
  const unmade = facts.exports.filter(({ kind }) => !shown.exports?.[kind]).map(({ kind }) => kind);
  if (unmade.length) throw new Error(`Nothing is said to make ${unmade.join(", ")}: mount must return it among its exports`);
  if (missing.length) throw new Error(`Nothing is said to press ${missing.join(", ")}: mount must return it among its buttons`);
  busy = false;
  await refresh();
  document.documentElement.dataset.ready ??= performance.now().toFixed(0); // ms until the first result
} catch (error) {
  complain([...bad, error.message]);
}
