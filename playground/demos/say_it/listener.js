// What listeners hear: networks that say which word was spoken, or by whom, as zoo/models/listener.py.

import { HOP } from "./fourier.js";
import { network } from "./network.js";
import { spectrogram } from "./sound.js";

// The middle of a waveform, with silence around what is shorter, as long as a listener hears it.
export function framed(x, frames) {
  const found = new Float32Array((frames - 1) * HOP);
  const missing = Math.floor((found.length - x.length) / 2);
  found.set(x.subarray(Math.max(0, -missing), Math.max(0, -missing) + found.length), Math.max(0, missing));
  return spectrogram(found);
}

// A function from a waveform to what a listener hears: all it knows, [[name, probability], ...], the likeliest first.
export async function listener({ name, classes, frames }) {
  const run = await network(`${name}.onnx`);
  return async (x) => {
    const { p } = await run({ s: { data: framed(x, frames).data, dims: [1, 128, frames] } });
    return classes.map((one, i) => [one, p.data[i]]).sort((a, b) => b[1] - a[1]);
  };
}

export const percent = (p) => `${Math.round(100 * p)}%`;

// What was heard, {word, voice}, in a few words.
export const verdict = (told) => {
  const heard = Object.values(told).map(([[name, p]]) => `${name} ${percent(p)}`);
  return heard.length ? `Heard: ${heard.join(", ")}` : "";
};
