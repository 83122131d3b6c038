// What the page's values ask for, as sounds {x, s, told}: a waveform, its spectrogram, and what listeners hear.

import { DECIBELS, changed } from "./erased.js";
import { listener, verdict } from "./listener.js";
import { network } from "./network.js";
import { griffinLim, guessed, spectrogram, spoken } from "./sound.js";
import { between, only, speaker } from "./speech.js";
import { ended, higher, joined } from "./wave.js";

const KEPT = 150; // sounds that are kept
const HASTE = 8; // steps of the flow where many words are asked for at once
const DIALLED = 15; // digits that a phone number has at most
const [REST, BREATH] = [480, 2240]; // samples between two digits, and between two groups of them

// Promises by a key, the latest only, so that nothing is made twice; what fails is not kept.
function memory(most) {
  const kept = new Map();
  return (key, make) => {
    const found = kept.get(key) ?? make();
    kept.delete(key);
    kept.set(key, found);
    found.catch(() => kept.delete(key));
    if (kept.size > most) kept.delete(kept.keys().next().value);
    return found;
  };
}

export function sayer({ models, vocoder, listeners }) {
  const [loaded, made] = [memory(Infinity), memory(KEPT)];
  const modelOf = (v) => models.find(({ name }) => name === v.model);
  const mouth = (model) => loaded(model.name, () => speaker(model));
  const back = () => loaded("vocoder", () => network("vocoder.onnx"));
  const ear = (name) => loaded(name, () => listener({ name, ...listeners[name] }));
  const word = (v, field = "word") => (modelOf(v).words.includes(v[field]) ? v[field] : modelOf(v).words[0]);
  const voice = (v, field = "voice") => (modelOf(v).voices.includes(v[field]) ? v[field] : modelOf(v).voices[0]);
  const several = (v) => modelOf(v).voices.length > 1;

  // What is asked of a model beside word and voice.
  function how(v) {
    const { flow, temperature } = modelOf(v);
    const wild = Math.round(v.wild * temperature * 1000) / 1000;
    return { seed: v.seed, longer: v.longer, temperature: wild, ...(flow && { guidance: v.guidance }) };
  }

  async function hear(v, x) {
    const told = {};
    for (const [what, name] of Object.entries(modelOf(v).judges)) told[what] = await (await ear(name))(x);
    return told;
  }

  async function sounding(v, s) {
    const x = ended(await spoken(s, await back(), vocoder.settled));
    return { s, x, told: await hear(v, x) };
  }

  const voiced = (v, s) => sounding(v, higher(s, v.high));

  // A word in a voice, or what lies between some: shares of all. `more`: {index, steps}.
  function say(v, words, voices, more = {}) {
    const given = { ...how(v), word: words, voice: voices, ...more };
    return made(JSON.stringify(["say", v.model, v.high, given]), async () => voiced(v, await (await mouth(modelOf(v))).sample(given)));
  }

  const alone = (list, name) => only(list.length, list.indexOf(name));
  const own = (v) => alone(modelOf(v).voices, voice(v));
  const main = (v) => say(v, alone(modelOf(v).words, word(v)), own(v));

  // The main utterance said again in another voice: its condition is swapped, what else it holds is kept.
  async function again(v, i) {
    const { name, words, voices } = modelOf(v);
    const [said, by] = [alone(words, word(v)), own(v)];
    const given = { ...how(v), word: said, voice: by };
    const model = await mouth(modelOf(v));
    const { s, z } = await made(JSON.stringify(["kept", name, given]), async () => {
      const s = await model.sample(given);
      return { s, z: await model.encode(s, said, by) };
    });
    const key = JSON.stringify(["again", name, v.high, given, i]);
    return made(key, async () => voiced(v, await model.decode(z, s.frames, said, only(voices.length, i), { index: i })));
  }

  // A word, another in another voice, and what lies between them: [{title, mix, sound()}].
  function mixed(v) {
    const { words, voices } = modelOf(v);
    const mix = (list, a, b, share) => between(list.length, list.indexOf(a), list.indexOf(b), share / 100);
    const named = (a, b, share) => (a === b ? a : `${100 - share}% ${a} and ${share}% ${b}`);
    const [from, to, by, other] = [word(v), word(v, "word2"), voice(v), voice(v, "voice2")];
    const sound = (morph, blend) => () => say(v, mix(words, from, to, morph), mix(voices, by, other, blend));
    return [
      { title: titled(v), sound: sound(0, 0) },
      { title: "In between", mix: titled(v, named(from, to, v.morph), named(by, other, v.blend)), sound: sound(v.morph, v.blend) },
      { title: titled(v, to, other), sound: sound(100, 100) },
    ];
  }

  const titled = (v, said = word(v), by = voice(v)) => (several(v) ? `${said} · ${by}` : said);

  // Every word in every voice: [{title, sound()}], the words of the first voice, then of the second.
  function board(v) {
    const { words, voices } = modelOf(v);
    return voices.flatMap((by) =>
      words.map((said, index) => ({
        title: `${said}, ${by}`,
        word: said,
        voice: by,
        sound: () => say(v, alone(words, said), alone(voices, by), { index, steps: HASTE }),
      })),
    );
  }

  // A typed number: {groups of digits, parts: [{sound()}], note}.
  function dialled(v) {
    let [groups, count, left] = [[""], 0, false];
    for (const c of v.number) {
      if (/[0-9]/.test(c) && count < DIALLED) {
        groups[groups.length - 1] += c;
        count++;
      } else if (" -/.()+".includes(c)) groups.push("");
      else left = true;
    }
    groups = groups.filter(Boolean);
    const note = left ? `Only digits are said, ${DIALLED} at most: the rest is left out.` : "";
    const parts = [...groups.join("")].map((digit, index) => ({ sound: () => say(v, only(modelOf(v).words.length, Number(digit)), own(v), { index }) }));
    return { groups, parts, note };
  }

  // A number's digits as one sound, and what was heard.
  function together(v, groups, found) {
    const rests = groups.flatMap((group) => [...Array(group.length - 1).fill(REST), BREATH]);
    const { words } = modelOf(v);
    const heard = found.flatMap(({ told }) => (told.word ? [String(words.indexOf(told.word[0][0]))] : []));
    const right = [...groups.join("")].filter((digit, i) => digit === heard[i]).length;
    const caught = groups.map((group, i) => heard.splice(0, group.length).join("")).join(" ");
    const said = caught.trim() ? `Heard: ${caught}, ${right} of ${found.length} digits right` : "";
    return { title: `${groups.join(" ")} · ${voice(v)}`, said, x: joined(found.map(({ x }) => x), rests) };
  }

  // The main word as strokes leave its spectrogram: {x, told, share}, the share of its spots that changed by more than 1 dB.
  async function erased(v) {
    const { s } = await main(v);
    const left = changed(s, v.painted, v.does, v.louder);
    const share = left.data.filter((value, at) => Math.abs(value - s.data[at]) * (DECIBELS / 2) > 1).length / left.data.length;
    return { ...(await sounding(v, left)), share };
  }

  // Three ways from the main word's spectrogram back to sound: [{title, sound()}].
  async function waysBack(v) {
    const { s, ...said } = await main(v);
    const way = (title, line, sound) => ({
      title,
      async sound() {
        const { x, told } = await sound();
        return { x, said: `${line}. ${distance(x, s).toFixed(1)} dB off. ${verdict(told)}` };
      },
    });
    const plain = (make) => async () => {
      const x = ended(make(s));
      return { x, told: await hear(v, x) };
    };
    return [
      way("A network", "Corrects phases found from slopes, then a few steps of Griffin and Lim's", async () => said),
      way("Phases from slopes", "Phase-gradient heap integration, no network", plain(guessed)),
      way("Griffin and Lim's steps", "60 steps that make neighbouring frames agree, no network", plain(griffinLim)),
    ];
  }

  return { model: modelOf, word, voice, several, titled, main, again, mixed, board, dialled, together, erased, waysBack, alone, mouth, hear, sounding };
}

// How far a waveform's spectrogram is from the one that it was made from, in dB: the log-spectral distance.
export function distance(x, s) {
  const made = spectrogram(x);
  const n = Math.min(made.frames, s.frames);
  let sum = 0;
  for (let t = 0; t < n; t++) {
    let squares = 0;
    for (let i = 0; i < 128; i++) squares += (made.data[i * made.frames + t] - s.data[i * s.frames + t]) ** 2;
    sum += Math.sqrt(squares / 128);
  }
  return (sum / n) * (DECIBELS / 2);
}
