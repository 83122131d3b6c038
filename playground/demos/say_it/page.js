// Say it: a word, spoken in a voice by a small network, and what else can be done with it; all networks run here.

import { mount as mountSound } from "./components/sound/sound.js";
import { element } from "./element.js";
import { tile } from "./erased.js";
import { write } from "./link.js";
import { percent, verdict } from "./listener.js";
import { recorder } from "./recorded.js";
import { sayer } from "./saying.js";
import { sheet } from "./sheet.js";
import { RATE } from "./sound.js";
import { wav } from "./wave.js";

const SHOWN = 4; // options of what is heard
const HEARD = { word: "The word, to a listener", voice: "The voice" };

const paragraph = (textContent, className = "") => element("p", { textContent, className });

export async function mount(slots, facts) {
  const says = sayer(facts);
  let first = null; // until the first word is there, what is loading stands in its place
  const others = mountSound(slots.sounds, {});
  const pad = document.querySelector("[data-field='painted']"); // strokes over the word's spectrogram
  pad?.style.setProperty("--pad-stroke", "rgb(232 115 26 / 60%)");
  const recording = recorder(says, facts);
  let now = null; // what is shown of the main word
  let before = ""; // what the part below was made for

  // What a listener hears as bars.
  function bars([what, options]) {
    const rows = options.slice(0, SHOWN).flatMap(([name, p], i) => [
      element("span", { textContent: name }),
      element("i", { className: i ? "" : "chosen", style: `width: ${100 * p}%` }),
      element("span", { textContent: percent(p) }),
    ]);
    const list = element("div", { className: "bars", style: "grid-template-columns: 7rem 1fr 3rem; min-height: 0" }, ...rows);
    return element("div", {}, element("p", {}, element("b", { textContent: HEARD[what] })), list);
  }

  // Sounds one after the other; how far it is stands in the text above. Null once that is stale.
  async function each(parts, text, stale) {
    const found = [];
    for (const { sound } of parts) {
      if (parts.length > 3) slots.told.replaceChildren(paragraph(`${text} Made: ${found.length} of ${parts.length}.`.trim()));
      found.push(await sound());
      if (stale()) return null;
    }
    slots.told.replaceChildren(...(text ? [paragraph(text)] : []));
    return found;
  }

  const player = (sounds, speaks = false) => ({ sounds, rate: RATE, speaks });

  // --- what else there is to hear: each shows text and sounds, and returns what stands after them, or nothing ---

  const PARTS = {
    async voices(v, stale) {
      const { voices, flow } = says.model(v);
      const own = says.voice(v);
      const way = flow ? "carried back to the noise it comes from" : "encoded";
      const text = `The word above, ${way} as ${own}'s, then said again by each: its length and its manner stay, the voice is another's.`;
      const found = await each(voices.map((_, i) => ({ sound: () => says.again(v, i) })), text, stale);
      if (!found) return null;
      others.update(player(found.map(({ x, told }, i) => ({ x, title: voices[i] === own ? `${own}, who said it` : voices[i], said: verdict(told) }))));
      if (!found.some(({ told }) => told.voice)) return null;
      const hits = found.filter(({ told }, i) => told.voice[0][0] === voices[i]).length;
      return paragraph(`The listener names the voice that was asked for in ${hits} of ${voices.length}.`, "quiet");
    },
    async between(v, stale) {
      const parts = says.mixed(v);
      const text = "Shares of two words, and of two voices, stand where one of each did: nobody ever recorded what lies between.";
      const found = await each(parts, text, stale);
      const said = (told, more) => [more, verdict(told)].filter(Boolean).join(". ");
      if (found) others.update(player(found.map(({ x, told }, i) => ({ x, title: parts[i].title, said: said(told, parts[i].mix) }))));
      return null;
    },
    async pad(v, stale) {
      const { words, voices, keys } = says.model(v);
      const parts = says.board(v);
      const play = `Keys ${keys[0]} to ${keys.at(-1)} say the words${says.several(v) ? ", arrow keys change the voice" : ""}.`;
      const text = `${parts.length} sounds, made for this seed: touch, click, or press a pad once and play on by keys. ${play}`;
      const found = await each(parts, text, stale);
      if (!found) return null;
      const sounds = found.map(({ x, told }, i) => ({ x, title: parts[i].title, said: verdict(told) }));
      others.update({ sounds, rate: RATE, pad: { words, voices: says.several(v) ? voices : [""], keys } });
      const right = (what) => found.filter(({ told }, i) => told[what][0][0] === parts[i][what]).length;
      const counts = Object.keys(found[0].told).map((what) => `the ${what} in ${right(what)}`);
      return counts.length ? paragraph(`The listener hears ${counts.join(" and ")} of ${parts.length}.`, "quiet") : null;
    },
    async number(v, stale) {
      const { groups, parts, note } = says.dialled(v);
      const found = await each(parts, parts.length ? note : note || "Type a number to hear it.", stale);
      if (found) others.update(parts.length ? player([says.together(v, groups, found)]) : {});
      return null;
    },
    async erased(v, stale) {
      const { x, told, share } = await says.erased(v);
      if (stale()) return null;
      const text =
        "Every spot of a spectrogram is how loud one frequency is for 8 ms. Vowels are the strong bands, formants; an s is a cloud at the top; " +
        `voices are the fine stripes. Your strokes changed ${percent(share)} of the spots of these ${(x.length / RATE).toFixed(2)} seconds by more than 1 dB.`;
      slots.told.replaceChildren(paragraph(text));
      others.update(player([{ x, title: "With your strokes", said: verdict(told) }, { x: now.x, title: "As it was", said: verdict(now.told) }]));
      return null;
    },
    async recorded(v, stale) {
      const { told, parts, count } = await recording(v);
      const found = await each(parts, told, stale);
      if (!found) return null;
      others.update(player(found.map(({ x, told }, i) => ({ x, title: parts[i].title, said: verdict(told) }))));
      return count(found) && paragraph(count(found), "quiet");
    },
    async back(v, stale) {
      const text =
        "A spectrogram says how loud each frequency is, and leaves out the phase: where its waves stand. Something must find " +
        "phases that go together. How far off is the log-spectral distance between what was asked for and what sounds.";
      const parts = await says.waysBack(v);
      const found = await each(parts, text, stale);
      if (found) others.update(player(found.map(({ x, said }, i) => ({ x, title: parts[i].title, said }))));
      return facts.measured && element("div", { innerHTML: facts.measured });
    },
  };

  async function show(v, stale) {
    const said = await says.main(v);
    if (stale()) return;
    now = { ...said, title: says.titled(v), recipe: `say_it?${await write(v, facts.fields, facts.weights)}` };
    if (!first) slots.sound.replaceChildren();
    first ??= mountSound(slots.sound, {});
    first.update(player([{ x: said.x, title: now.title, said: verdict(said.told) }], true));
    const heard = Object.entries(said.told).map(bars);
    slots.heard.replaceChildren(...(heard.length ? [element("div", { className: "pair" }, ...heard)] : []));
    pad?.style.setProperty("--pad-under", `url("${tile(said.s).toDataURL()}")`);
    document.documentElement.dataset.ready ??= performance.now().toFixed(0);
    const task = JSON.stringify(v, (_, value) => (value instanceof File ? [value.name, value.size, value.lastModified] : value));
    if (task === before) return;
    return async () => {
      for (const name of ["sound", "heard"]) slots[name].setAttribute("aria-busy", false);
      const after = await PARTS[v.part](v, stale);
      if (stale()) return;
      before = task;
      slots.after.replaceChildren(...(after ? [after] : []));
    };
  }

  const picture = () => now && sheet(now.s, now.x, now.title, verdict(now.told));
  return { show, picture, exports: { wav: () => wav(now.x, now.recipe) } };
}
