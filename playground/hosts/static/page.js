// A demo's page without a server: controls, link, download; what is shown comes from demo.js, which exports
//
//   mount(stage, facts, change)          loads the models and returns {show(values), picture()}; change(name, value) sets a control
//
// show() may take its time: the page asks for the newest values once it is done, and never for two at once.

import * as demo from "./demo.js";
import { read, write } from "./link.js";
import { MAX_SEED } from "./noise.js";

const [stage, form, problems, said] = ["stage", "controls", "problems", "said"].map((id) => document.getElementById(id));
const element = (name, properties, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

const facts = await (await fetch("facts.json")).json();
const { fields } = facts; // what the controls hold, as playground/fields.py has it
const { values, problems: bad } = await read(new URLSearchParams(location.search), fields);
const weights = new URLSearchParams(location.search).get("weights");
if (weights && weights !== facts.weights)
  bad.push(`The link was made with other weights (“${weights.slice(0, 40)}”; here “${facts.weights}”): the result may differ.`);
let shown = { picture: () => null };
let busy = true; // until the models are there
let stale = false;

function complain(lines) {
  problems.textContent = lines.join("\n");
  problems.hidden = !lines.length;
}

async function refresh() {
  stale = true;
  if (busy) return;
  busy = true;
  try {
    while (stale) {
      stale = false;
      stage.setAttribute("aria-busy", "true");
      await shown.show(structuredClone(values), () => stale);
    }
  } catch (error) {
    complain([error.message]);
  }
  busy = false;
  stage.setAttribute("aria-busy", "false");
}

function set(name, value) {
  values[name] = value;
  settle[name]?.(value);
  refresh();
}

// --- controls ---

const settle = {}; // by name: shows a value that did not come from the control itself

const MAKE = {
  choice(name, { label, options, help }) {
    const change = (value) => set(name, value);
    if (Object.keys(options).length > 12) {
      const list = element("select", { onchange: () => change(list.value) });
      for (const [value, title] of Object.entries(options)) list.append(element("option", { value, textContent: title }));
      settle[name] = (value) => (list.value = value);
      return labelled(label, help, list);
    }
    const radios = Object.entries(options).map(([value, title]) => {
      const radio = element("input", { type: "radio", name, value, onchange: () => change(value) });
      return element("label", {}, radio, element("span", { textContent: title }));
    });
    settle[name] = (value) => radios.forEach(({ firstChild }) => (firstChild.checked = firstChild.value === value));
    const group = element("div", { className: "options" }, ...radios);
    return element("fieldset", {}, element("legend", { textContent: label }), group, ...note(help));
  },
  number(name, { label, low, high, step, help, typed }) {
    const output = element("output");
    const input = element("input", { type: typed ? "number" : "range", min: low, max: high, step });
    input.oninput = () => {
      const value = Math.min(high, Math.max(low, Number(input.value)));
      if (!input.value.trim() || !Number.isFinite(value)) return;
      output.textContent = value;
      values[name] = value;
      refresh();
    };
    if (typed) input.onchange = () => (input.value = values[name]);
    settle[name] = (value) => {
      input.value = value;
      output.textContent = value;
    };
    return labelled(label, help, input, typed ? undefined : output);
  },
  text(name, { label, most, help }) {
    const area = element("textarea", { maxLength: most, spellcheck: false, oninput: () => set(name, area.value) });
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
    if (!shown) return element("fieldset", {}, more, ...note(help));
    return element("fieldset", {}, element("legend", { textContent: label }), ...note(help), ...parts.slice(0, shown), more);
  },
};

function note(help) {
  return help ? [element("span", { className: "help", textContent: help })] : [];
}

function labelled(label, help, input, output = "") {
  return element("label", {}, element("span", { className: "name" }, element("span", { textContent: label }), output), input, ...note(help));
}

for (const [name, field] of Object.entries(fields)) {
  if (!field.label || field.kind === "drawing") continue; // the stage has it
  form.append(MAKE[field.kind](name, field));
  settle[name](values[name]);
}
form.onsubmit = (event) => event.preventDefault();
form.hidden = !form.children.length;

// --- actions ---

const button = (id, act) => (document.getElementById(id).onclick = act);
document.getElementById("dice").hidden = !fields.seed;
button("dice", () => set("seed", Math.floor(Math.random() * Math.min(MAX_SEED, fields.seed.high) + 1)));
button("reset", () => {
  complain([]);
  for (const [name, field] of Object.entries(fields)) {
    values[name] = structuredClone(field.default);
    settle[name]?.(values[name]);
  }
  refresh();
});
button("share", async () => {
  const link = new URL(location.href);
  link.search = await write(values, fields, facts.weights);
  history.replaceState(null, "", link);
  const copied = await navigator.clipboard?.writeText(link.href).then(() => true, () => false);
  said.textContent = copied ? "The link is copied." : "The link is in the address bar.";
});
button("download", async () => {
  const canvas = await shown.picture();
  if (!canvas) return (said.textContent = "There is nothing to download yet.");
  const paper = element("canvas", { width: canvas.width, height: canvas.height });
  const pen = paper.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, paper.width, paper.height);
  pen.drawImage(canvas, 0, 0);
  const address = URL.createObjectURL(await new Promise((done) => paper.toBlob(done)));
  element("a", { href: address, download: `${facts.name}.png` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
});

complain(bad);
try {
  shown = await demo.mount(stage, facts, set);
  busy = false;
  await refresh();
  document.documentElement.dataset.ready ??= performance.now().toFixed(0); // ms until the first result
} catch (error) {
  complain([...bad, error.message]);
}
