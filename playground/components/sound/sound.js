// Sounds, the same for every host (Streamlit, Gradio, a static page): side by side, or as a pad of words by voices.
//
//   const view = mount(element, {sounds, rate, speaks, pad}, onChange)
//   view.update(state)    {} shows nothing
//   view.destroy()
//
// `sounds` are {title, said, x}: x are 16-bit samples in base64, or a Float32Array in -1..1. Where `speaks`, the first is played whenever
// it is another, at the first click or key where the browser wants one before. `pad` is {words, voices, keys}: the sounds are the
// words of the first voice, then of the second, and so on; keys[i] plays word i in the voice last played or reached. Nothing comes back.

import { depict, outline, samples, spectrogram } from "./spectrum.js";

const ICONS = { play: "M7 4l13 8-13 8z", stop: "M6 6h12v12H6z" };

// One for all sounds of a page: browsers allow few contexts, and one word is to be heard at a time.
const shared = (globalThis.zooSound ??= { context: null, stop: null });
const audio = () => (shared.context ??= new AudioContext());

export function mount(element, state, onChange) {
  const make = (tag, className, ...children) => {
    const made = document.createElement(tag);
    made.className = className;
    made.append(...children);
    return made;
  };
  const icon = (name) => {
    const made = make("span", "zoo-sound-icon");
    made.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
    return made;
  };
  const root = make("div", "zoo-sound");
  element.append(root);
  const events = new AbortController();
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let given = {};
  let heard = []; // samples of each sound
  let peak = 1; // of them all
  let spectra = []; // of each sound, once drawn
  let playing = new Map(); // by sound: {source, began}
  let [voice, word] = [0, 0]; // of a pad: where it is played by keys
  let loud = true; // whether it speaks by itself
  let waits = false; // for a first click
  let frame;

  // --- to hear ---

  function play(at) {
    if (!heard[at]?.length) return;
    const context = audio();
    context.resume();
    waits = false;
    if (!given.pad) {
      shared.stop?.();
      shared.stop = stop;
    } else stop(at);
    const buffer = context.createBuffer(1, heard[at].length, given.rate);
    buffer.copyToChannel(heard[at], 0);
    const source = new AudioBufferSourceNode(context, { buffer });
    source.connect(context.destination);
    source.onended = () => playing.get(at)?.source === source && (playing.delete(at), mark());
    source.start();
    playing.set(at, { source, began: context.currentTime });
    mark();
    if (!given.pad && !calm) follow();
  }

  function stop(at) {
    for (const [one, { source }] of [...playing])
      if (at === undefined || one === at) {
        playing.delete(one);
        source.stop();
      }
    mark();
  }

  function speak() {
    waits = false;
    if (!given.speaks || !loud) return;
    if (audio().state === "running") play(0);
    else waits = true;
    note();
  }

  // --- to see ---

  const cards = () => [...root.querySelectorAll(".zoo-sound-one")];
  const pads = () => [...root.querySelectorAll(".zoo-sound-pad")];

  function mark() {
    pads().forEach((one) => one.classList.toggle("zoo-sound-on", playing.has(Number(one.dataset.at))));
    cards().forEach((card, at) => {
      const button = card.querySelector("button");
      const what = playing.has(at) ? "stop" : "play";
      if (button.dataset.shows === what) return;
      button.dataset.shows = what;
      button.replaceChildren(icon(what));
      button.setAttribute("aria-label", `${what === "stop" ? "Stop" : "Play"} ${given.sounds[at].title}`);
      if (what === "play" && root.isConnected) draw(card, at);
    });
  }

  function follow() {
    cancelAnimationFrame(frame);
    for (const [at, { began }] of playing) draw(cards()[at], at, (audio().currentTime - began) * given.rate);
    if (playing.size) frame = requestAnimationFrame(follow);
  }

  // All on one scale of time and loudness; with a line where one is played.
  function draw(card, at, now) {
    spectra[at] ??= spectrogram(heard[at]);
    const longest = Math.max(1, ...heard.map((x) => x.length));
    depict(card?.querySelector("canvas"), { x: heard[at], frames: spectra[at], longest, peak, tall: heard.length === 1 ? 1.5 : 1, now });
  }

  function redraw() {
    const [r, g, b] = getComputedStyle(root).color.match(/[\d.]+/g).map(Number);
    root.dataset.dark = 0.3 * r + 0.6 * g + 0.1 * b > 128; // light ink is on a dark ground
    cards().forEach((card, at) => draw(card, at));
  }

  function note() {
    const line = root.querySelector(".zoo-sound-note");
    if (line) line.textContent = waits ? "It speaks at your first click: the browser wants one before." : "";
  }

  function card({ title, said }, at) {
    const button = make("button", "zoo-sound-play");
    button.type = "button";
    button.onclick = () => (playing.has(at) ? stop() : play(at));
    const canvas = make("canvas", "zoo-sound-canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `Spectrogram and waveform of ${title}, ${(heard[at].length / given.rate).toFixed(2)} seconds`);
    canvas.onclick = () => play(at);
    return make("div", "zoo-sound-one", make("div", "zoo-sound-head", button, make("b", "", title)), canvas, make("p", "zoo-sound-said", said ?? ""));
  }

  function player() {
    const all = given.sounds.map(card);
    const list = make("div", `zoo-sound-list${all.length === 1 ? " zoo-sound-alone" : ""}`, ...all);
    if (!given.speaks) return [list];
    const box = document.createElement("input");
    Object.assign(box, { type: "checkbox", checked: loud });
    box.onchange = () => {
      loud = box.checked;
      if (!loud) waits = false;
      note();
    };
    const hint = make("span", "zoo-sound-note");
    hint.setAttribute("role", "status");
    return [list, make("div", "zoo-sound-bar", make("label", "", box, " Speak by itself"), hint)];
  }

  // --- the pad ---

  const place = (v, w) => v * given.pad.words.length + w;

  function one(v, w) {
    const { words, voices, keys } = given.pad;
    const made = make("button", "zoo-sound-pad");
    const path = outline(heard[place(v, w)], 32).map(([low, top], i) => `M${i} ${8 - (8 * top) / peak}V${8 - (8 * low) / peak}`);
    made.innerHTML = `<svg viewBox="-1 0 34 16" preserveAspectRatio="none" aria-hidden="true"><path d="${path.join("")}"/></svg>`;
    made.append(make("span", "", words[w]));
    Object.assign(made, { type: "button", tabIndex: -1, title: [given.sounds[place(v, w)].said, keys[w] && `Key ${keys[w]}`].filter(Boolean).join(" · ") });
    made.setAttribute("aria-label", [words[w], voices.length > 1 ? voices[v] : ""].filter(Boolean).join(", "));
    Object.assign(made.dataset, { at: place(v, w), voice: v, word: w });
    return made;
  }

  function grid() {
    const { words, voices } = given.pad;
    const made = make("div", "zoo-sound-grid");
    made.setAttribute("role", "group");
    made.setAttribute("aria-label", "A pad of words by voices: arrow keys go from one to the next, Enter or the word's own key plays");
    const upright = root.clientWidth < 640 && voices.length > 1; // words below each other
    made.dataset.upright = upright;
    made.style.setProperty("--columns", upright ? voices.length : words.length);
    const cells = upright
      ? [...voices.map((name) => make("span", "zoo-sound-voice", name)), ...words.flatMap((_, w) => voices.map((_, v) => one(v, w)))]
      : voices.flatMap((name, v) => [...(voices.length > 1 ? [make("span", "zoo-sound-voice", name)] : []), ...words.map((_, w) => one(v, w))]);
    made.append(...cells);
    made.classList.toggle("zoo-sound-named", !upright && voices.length > 1);
    return made;
  }

  function reach(hold) {
    for (const one of pads()) {
      const here = Number(one.dataset.voice) === voice && Number(one.dataset.word) === word;
      one.tabIndex = here ? 0 : -1;
      if (here && hold) one.focus();
    }
  }

  function hit(v, w, hold) {
    [voice, word] = [v, w];
    reach(hold);
    play(place(v, w));
  }

  const on = (target, name, listener) => target.addEventListener(name, listener, { signal: events.signal });
  const padOf = ({ target }) => target.closest?.(".zoo-sound-pad")?.dataset;
  on(root, "pointerdown", (event) => {
    const pad = padOf(event);
    if (pad && event.button === 0) hit(Number(pad.voice), Number(pad.word), false);
  });
  on(root, "click", (event) => {
    const pad = padOf(event);
    if (pad && event.detail === 0) hit(Number(pad.voice), Number(pad.word), true); // by a key, or read aloud
  });
  on(root, "keydown", (event) => {
    if (!given.pad || event.ctrlKey || event.metaKey || event.altKey) return;
    const { words, voices, keys } = given.pad;
    const pressed = [...keys].indexOf(event.key);
    if (pressed >= 0 && !event.repeat) return hit(voice, pressed, true);
    const upright = root.querySelector(".zoo-sound-grid").dataset.upright === "true";
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step) return;
    event.preventDefault();
    const [down, along] = upright ? [step[1], step[0]] : step;
    voice = Math.max(0, Math.min(voices.length - 1, voice + down));
    word = Math.max(0, Math.min(words.length - 1, word + along));
    reach(true);
  });
  for (const name of ["click", "keydown"])
    on(document, name, (event) => {
      if (!waits) return;
      if (event.composedPath().some((one) => one.classList?.contains("zoo-sound"))) waits = false; // it was asked for a sound itself
      else play(0);
      note();
    });

  function render() {
    stop();
    if (!given.sounds?.length) return root.replaceChildren();
    root.replaceChildren(...(given.pad ? [grid()] : player()));
    mark();
    if (given.pad) {
      [voice, word] = [Math.min(voice, given.pad.voices.length - 1), Math.min(word, given.pad.words.length - 1)];
      reach(false);
    }
    redraw();
  }

  function update(next) {
    next ??= {};
    const told = (one) => JSON.stringify(one, (_, value) => (value instanceof Float32Array ? [...value] : value));
    if (told(next) === told(given)) return;
    const before = given.sounds && told(given.sounds[0]?.x);
    given = next;
    heard = (given.sounds ?? []).map(({ x }) => samples(x));
    peak = Math.max(0.05, ...heard.map((x) => x.reduce((most, value) => Math.max(most, Math.abs(value)), 0)));
    spectra = [];
    render();
    if (given.speaks && told(given.sounds[0]?.x) !== before) speak();
  }

  let width = 0;
  const resized = new ResizeObserver(() => {
    if (root.clientWidth === width) return;
    width = root.clientWidth;
    if (given.pad) render();
    else redraw();
  });
  resized.observe(root);
  on(matchMedia("(prefers-color-scheme: dark)"), "change", () => setTimeout(redraw));
  const themed = new MutationObserver(() => setTimeout(redraw)); // a host's own switch between light and dark
  for (const place of [document.documentElement, document.body]) themed.observe(place, { attributeFilter: ["class", "style"] });
  update(state);
  return {
    update,
    destroy() {
      stop();
      if (shared.stop === stop) shared.stop = null;
      cancelAnimationFrame(frame);
      events.abort();
      resized.disconnect();
      themed.disconnect();
      root.remove();
    },
  };
}
