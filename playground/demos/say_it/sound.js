// Spectrograms and waveforms, as zoo/sound.py has them. A spectrogram is {data, frames}: 128 frequencies, the lowest first, of so many
// numbers in [-1, 1] each.

import { BINS, HOP, SIZE, blank, istft, stft } from "./fourier.js";
import { noise } from "./noise.js";

export const RATE = 8000;
const NOISE = 160; // frames of texture
const [LOW, HIGH] = [Math.log(1e-3), Math.log(40)];
const SPREAD = 0.25645 * SIZE ** 2; // of a Gaussian window like Hann's
const WIDTH = BINS + 1;

// Numbers of frequency i and frame t, for all: {data, frames}.
function each(frames, value) {
  const data = new Float32Array(BINS * frames);
  for (let i = 0, at = 0; i < BINS; i++) for (let t = 0; t < frames; t++) data[at++] = value(i, t);
  return { data, frames };
}

const power = ({ re, im }, at) => re[at] ** 2 + im[at] ** 2;

export function spectrogram(x) {
  const z = stft(x);
  const scaled = (m) => ((Math.log(Math.min(40, Math.max(1e-3, m))) - LOW) * 2) / (HIGH - LOW) - 1;
  return each(z.frames, (i, t) => scaled(Math.sqrt(power(z, t * WIDTH + i))));
}

// Magnitudes, frame by frame, with none at the last frequency.
export function magnitudes({ data, frames }) {
  const found = new Float64Array(frames * WIDTH);
  for (let t = 0; t < frames; t++)
    for (let i = 0; i < BINS; i++) {
      const s = data[i * frames + t];
      if (s > -1) found[t * WIDTH + i] = Math.exp(((s + 1) * (HIGH - LOW)) / 2 + LOW);
    }
  return found;
}

// How the spectrogram of white noise lies about its median: texture number `index` of a seed.
export function texture(frames, seed, index = 0) {
  const z = stft(noise(1, NOISE * HOP, seed, index).subarray(0, frames * HOP + BINS));
  const [energy, median] = [(SIZE * 3) / 8, Math.log(Math.log(2))];
  return each(frames, (i, t) => (Math.log(Math.max(1e-6, power(z, t * WIDTH + i) / energy)) - median) / (2 * 0.4844));
}

// Transforms of wanted magnitudes with phases of their own: {re, im, frames}.
function turned(wanted, { re, im, frames }) {
  const found = blank(frames);
  for (let at = 0; at < wanted.length; at++) {
    const scale = wanted[at] / Math.max(1e-12, Math.hypot(re[at], im[at]));
    found.re[at] = scale * re[at];
    found.im[at] = scale * im[at];
  }
  return found;
}

// What would have these magnitudes if all frequencies ran on from frame to frame.
function running(wanted, frames) {
  const found = blank(frames);
  for (let at = 0; at < wanted.length; at++) {
    const angle = ((2 * Math.PI * HOP) / SIZE) * (at % WIDTH) * Math.floor(at / WIDTH);
    found.re[at] = wanted[at] * Math.cos(angle);
    found.im[at] = wanted[at] * Math.sin(angle);
  }
  return found;
}

// The waveform of a spectrogram by fast Griffin-Lim; `start`: a transform whose phases it begins with.
export function griffinLim(s, { steps = 60, momentum = 0.99, start } = {}) {
  const wanted = magnitudes(s);
  let z = turned(wanted, start ?? running(wanted, s.frames));
  let before = blank(s.frames);
  for (let step = 0; step < steps; step++) {
    const now = stft(istft(z));
    const ahead = (part) => now[part].map((value, at) => value + momentum * (value - before[part][at]));
    z = turned(wanted, { re: ahead("re"), im: ahead("im"), frames: s.frames });
    before = now;
  }
  return istft(z);
}

// Places by how loud they are, the loudest first, those of a tie in order.
function queue(loud) {
  const held = [];
  const first = (a, b) => loud[a] > loud[b] || (loud[a] === loud[b] && a < b);
  function put(place) {
    let at = held.push(place) - 1;
    for (let above; at && first(place, held[(above = (at - 1) >> 1)]); at = above) held[at] = held[above];
    held[at] = place;
  }
  function take() {
    const [top, last] = [held[0], held.pop()];
    if (!held.length) return top;
    let at = 0;
    for (let below; (below = 2 * at + 1) < held.length; at = below) {
      if (below + 1 < held.length && first(held[below + 1], held[below])) below++;
      if (!first(held[below], last)) break;
      held[at] = held[below];
    }
    held[at] = last;
    return top;
  }
  return { put, take, any: () => held.length > 0 };
}

// Differences of neighbours, as numpy.gradient takes them, along one of the two directions.
function slope(values, rows, columns, step, i, j) {
  const [at, end] = step === 1 ? [j, columns] : [i, rows];
  const [from, to] = [Math.max(0, at - 1), Math.min(end - 1, at + 1)];
  const here = i * columns + j;
  return (values[here + (to - at) * step] - values[here + (from - at) * step]) / (to - from);
}

// Phases of a spectrogram in radians: their slopes, integrated from the loudest places outwards.
export function phases({ data, frames }) {
  const logs = Float64Array.from(data, (s) => ((s + 1) * (HIGH - LOW)) / 2);
  const [upward, onward] = [new Float64Array(logs.length), new Float64Array(logs.length)];
  for (let i = 0, at = 0; i < BINS; i++)
    for (let t = 0; t < frames; t++, at++) {
      onward[at] = (slope(logs, BINS, frames, frames, i, t) * HOP * SIZE) / SPREAD + ((2 * Math.PI * HOP) / SIZE) * i; // radians a frame
      upward[at] = (slope(logs, BINS, frames, 1, i, t) * -SPREAD) / (HOP * SIZE); // radians a frequency
    }
  const found = new Float64Array(logs.length);
  const done = Uint8Array.from(data, (s) => s <= -1); // what is silent has no phase
  const { put, take, any } = queue(logs);
  const order = [...logs.keys()].filter((at) => !done[at]).sort((a, b) => logs[b] - logs[a]);
  for (const start of order) {
    if (done[start]) continue;
    done[start] = 1;
    put(start);
    while (any()) {
      const from = take();
      const t = from % frames;
      const spread = (to, direction, slopes) => {
        if (done[to]) return;
        found[to] = found[from] + (direction * (slopes[from] + slopes[to])) / 2;
        done[to] = 1;
        put(to);
      };
      if (from >= frames) spread(from - frames, -1, upward);
      if (from < logs.length - frames) spread(from + frames, 1, upward);
      if (t > 0) spread(from - 1, -1, onward);
      if (t < frames - 1) spread(from + 1, 1, onward);
    }
  }
  const pi = Math.fround(Math.PI); // from the frame's middle to its beginning, in 32 bits as there
  return each(frames, (i, t) => Math.fround(found[i * frames + t]) - Math.fround(pi * i));
}

// The waveform of a spectrogram with such phases.
export function guessed(s) {
  const [wanted, p, z] = [magnitudes(s), phases(s).data, blank(s.frames)];
  for (let i = 0; i < BINS; i++)
    for (let t = 0; t < s.frames; t++) {
      const [at, angle] = [t * WIDTH + i, p[i * s.frames + t]];
      z.re[at] = wanted[at] * Math.cos(angle);
      z.im[at] = wanted[at] * Math.sin(angle);
    }
  return istft(z);
}

// The vocoder: its network, `run`, corrects the phases, and a few of Griffin and Lim's steps settle them.
export async function spoken(s, run, settled) {
  const [p, { frames }] = [phases(s).data, s];
  const data = new Float32Array(frames * 3 * BINS);
  for (let i = 0, place = 0; i < BINS; i++)
    for (let t = 0; t < frames; t++, place++) {
      const at = t * 3 * BINS + i;
      data[at] = s.data[place];
      if (s.data[place] <= -1) continue;
      data[at + BINS] = Math.cos(p[place]);
      data[at + 2 * BINS] = Math.sin(p[place]);
    }
  const y = (await run({ x: { data, dims: [frames, 3 * BINS] } })).y.data;
  const start = blank(frames);
  for (let i = 0; i < BINS; i++)
    for (let t = 0; t < frames; t++) {
      const [from, at, angle] = [t * 3 * BINS + i, t * WIDTH + i, p[i * frames + t]];
      const [u, v] = [1 + y[from + BINS], y[from + 2 * BINS]];
      start.re[at] = u * Math.cos(angle) - v * Math.sin(angle); // how much louder it would be, Griffin-Lim forgets at once
      start.im[at] = u * Math.sin(angle) + v * Math.cos(angle);
    }
  return griffinLim(s, { steps: settled, start });
}
