// Writing desk: a beginning, and models that go on with it; what they expect, what surprises them, where they look.

import { closer, mean } from "./closer.js";
import { mount as mountPage } from "./components/page/page.js";
import { element } from "./element.js";
import { MAX_SEED } from "./noise.js";
import { bits, following, known, likeliest, reader, runner, start, writing } from "./writing.js";

const EVERY = 50; // ms between two pieces of the stream
const NAMES = { " ": "space", "\n": "new line" };
const READINGS = 4; // texts whose reading is kept: the rings of each are 5 MB

export async function mount(slots, { models, sizes, fields }, change) {
  const networks = {}; // loaded as they are asked for
  const load = (name) => (networks[name] ??= runner(models.find((one) => one.name === name)));
  await load(models[0].name);
  let v = null; // the values that are shown
  let paper = null; // what stands on the page: a beginning, and what was written after it before somebody stopped it
  let likely = []; // what could stand at the chosen place, or after the end
  let readings = [];

  // --- what stands on the page ---

  const whole = () => (paper ? paper.own + paper.text : "");
  const chosen = () => paper?.at ?? null;
  const model = () => models.find(({ name }) => name === v.model);
  const how = ({ wild, top_k, top_p, min_p, repetition }) => ({ wild, top_k, top_p, min_p, repetition });
  const task = (values, own) => JSON.stringify([values.model, own, values.length, values.seed, how(values)]);

  // A reader that has read a text, of a line's start where it is none, or has begun to where stale() says so.
  async function reading(which, text, stale) {
    let found = readings.find((one) => one.name === which.name && one.text === text);
    found ??= { name: which.name, text, reader: reader(await load(which.name), which) };
    readings = [found, ...readings.filter((one) => one !== found)].slice(0, READINGS);
    const opening = text || start(which);
    await found.reader.read(opening.slice(found.reader.x.length), stale);
    return found.reader;
  }

  // What writes on from another beginning, with a later seed.
  function begin(values, beginning, later = 0) {
    paper = null;
    return { beginning: beginning.slice(-fields.beginning.most), seed: (values.seed + later) % (MAX_SEED + 1) };
  }

  // All that stands on the page, put into the box; nothing is written until that is asked for.
  function takeOver(values) {
    const changed = begin(values, whole());
    paper = { own: known(model(), changed.beginning).text, text: "", at: null, done: true, held: true };
    return changed;
  }

  const buttons = {
    write: { press: () => void (paper = null) },
    stop: { press: () => void (paper && (paper.done = true)) },
    go_on: { press: (values) => begin(values, whole(), 1) },
    take_over: { press: takeOver },
    other: {
      press: (values, c) => begin(values, whole().slice(0, chosen() ?? undefined) + c),
      options: () => Object.fromEntries(likely.slice(0, 8).map(([c]) => [c, NAMES[c] ?? c])),
    },
    again: { press: (values) => begin(values, whole().slice(0, chosen()), 1), when: () => chosen() !== null },
    take: {
      press: (values, i) => begin(values, whole() + look.ways(whole())[i]),
      options: ({ part }) => (part === "ways" && paper?.done && look.ways(whole()) ? { 0: "The first", 1: "The second", 2: "The third" } : {}),
    },
  };

  // --- what is seen ---

  const sheet = element("div", { className: "prose" });
  const growing = element("div", { className: "zoo-page" });
  slots.page.replaceChildren(sheet);
  const look = closer({ models, sizes, load, reading, slot: slots.closer, map: slots.map });
  let page = null; // the component, while nothing grows

  function grow() {
    page?.destroy();
    page = null;
    const follows = growing.scrollHeight - growing.scrollTop - growing.clientHeight < 40; // who scrolls up is left there
    growing.replaceChildren(element("b", { textContent: paper.own }), paper.text);
    if (!growing.isConnected) sheet.replaceChildren(growing);
    if (follows) growing.scrollTop = growing.scrollHeight;
  }

  function stand(found = null) {
    const state = { text: whole(), from: paper.own.length, selected: chosen(), bits: found };
    if (page) return page.update(state);
    const at = growing.scrollTop;
    growing.remove();
    page = mountPage(sheet, state, ({ at }) => {
      if (paper) paper.at = at;
      change("paper", null); // which no link carries: all is shown anew
    });
    sheet.firstChild.scrollTop = at;
  }

  // Characters that could come next, or stand at the chosen place, as bars; the one that does stands out.
  function expect(options, drawn) {
    const rows = options.flatMap(([c, p]) => [
      element("span", { textContent: NAMES[c] ?? c }),
      element("i", { className: c === drawn ? "chosen" : "", style: `width: ${100 * p}%` }),
      element("span", { textContent: `${Math.round(100 * p)} %` }),
    ]);
    const title = chosen() === null ? "What comes next" : "What could stand there";
    slots.next.replaceChildren(element("p", {}, element("b", { textContent: title })), element("div", { className: "bars" }, ...rows));
  }

  // Write on, until it is as long as asked for, stopped, or overtaken.
  async function writeOn(mine, stale) {
    let shown = -Infinity;
    while (!mine.done && !stale()) {
      await mine.writer.step(stale);
      mine.text = mine.writer.text;
      mine.done ||= mine.writer.done;
      if (!mine.text || (performance.now() - shown < EVERY && !mine.done)) continue;
      shown = performance.now();
      grow();
      expect(likeliest(model(), mine.writer.p), mine.text.at(-1));
      await new Promise(requestAnimationFrame);
      document.documentElement.dataset.ready ??= performance.now().toFixed(0);
    }
    const read = { name: v.model, text: mine.own + mine.text, reader: mine.writer.reader };
    if (mine.done && mine.own) readings = [read, ...readings].slice(0, READINGS);
  }

  async function show(values, stale) {
    v = values;
    for (const name of ["page", "said", "next"]) slots[name].setAttribute("aria-busy", false); // what grows is no old result
    const { text: own, note } = known(model(), v.beginning);
    const notes = note ? [element("p", { className: "quiet", textContent: note })] : [];
    const asked = task(v, own);
    const run = await load(v.model);
    if (!paper || (paper.task !== asked && !(paper.held && paper.own === own)))
      paper = { task: asked, own, text: "", at: null, done: false, writer: writing(run, model(), own, { length: v.length, seed: v.seed, how: how(v) }) };
    const mine = paper;
    if (!mine.done) {
      slots.said.replaceChildren(...notes);
      grow();
      await writeOn(mine, stale);
    }
    if (stale()) return;
    const [all, at] = [whole(), chosen()];
    if (!page) stand();
    const prefix = await reading(model(), at === 0 ? "" : all, stale);
    if (stale()) return;
    likely = likeliest(model(), following(prefix, at || prefix.x.length, how(v)));
    expect(likely, at === null ? "" : all[at]);
    const found = v.ink === "surprise" && all ? bits(await reading(model(), start(model()) + all, stale)) : null;
    if (stale()) return;
    stand(found);
    const words = found ? `${mean(found).toFixed(2)} bits a character` : "Choose a character to see what else could stand there.";
    slots.said.replaceChildren(...notes, element("p", { className: "quiet", textContent: words }));
    return () => look.show({ ...v, model: model(), how: how(v), whole: all }, stale);
  }

  // The text as a page, as much of it as fits.
  function picture() {
    const canvas = Object.assign(document.createElement("canvas"), { width: 960, height: 1280 });
    const pen = canvas.getContext("2d");
    pen.font = "26px 'Zoo Serif', serif";
    let y = 74;
    for (const line of whole().split("\n")) {
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

  return { show, picture, buttons };
}
