// Waveforms as they leave, as zoo/sound.py has it: higher, ended, as a file.

import { BINS } from "./fourier.js";
import { RATE } from "./sound.js";

const FADE = 32; // samples

// A spectrogram with all frequencies so many semitones higher.
export function higher({ data, frames }, semitones) {
  if (!semitones) return { data, frames };
  const found = new Float32Array(data.length).fill(-1);
  for (let i = 0; i < BINS; i++) {
    const at = Math.fround(i * 2 ** (-semitones / 12));
    if (at >= BINS) break;
    const low = Math.floor(at);
    const [from, to] = [low * frames, Math.min(low + 1, BINS - 1) * frames];
    for (let t = 0; t < frames; t++) found[i * frames + t] = data[from + t] + (at - low) * (data[to + t] - data[from + t]);
  }
  return { data: found, frames };
}

// As it is played: 4 ms faded at either end, so that nothing clicks, its peak at most 0.99; 32-bit floats.
export function ended(x) {
  const made = Float32Array.from(x);
  for (let i = 0; i < Math.min(FADE, made.length); i++) made[i] *= i / (FADE - 1);
  for (let i = 0; i < Math.min(FADE, made.length); i++) made[made.length - 1 - i] *= i / (FADE - 1);
  const gain = Math.min(1, 0.99 / made.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9));
  return made.map((value) => value * gain);
}

// Sounds as one, with so many silent samples after each but the last.
export function joined(sounds, rests) {
  const made = new Float32Array(sounds.reduce((sum, x, i) => sum + x.length + (i < sounds.length - 1 ? rests[i] : 0), 0));
  let at = 0;
  sounds.forEach((x, i) => {
    made.set(x, at);
    at += x.length + rests[i];
  });
  return made;
}

// A WAV file of 16 bits, with a comment in its list of facts (RIFF INFO, ICMT).
export function wav(x, comment) {
  const said = new TextEncoder().encode(`${comment}\0`);
  const text = new Uint8Array(said.length + (said.length % 2));
  text.set(said);
  const bytes = new Uint8Array(44 + 2 * x.length + 20 + text.length);
  const view = new DataView(bytes.buffer);
  let at = 0;
  const name = (four) => [...four].forEach((c) => view.setUint8(at++, c.charCodeAt(0)));
  const number = (value, size = 4) => {
    view[`setUint${8 * size}`](at, value, true);
    at += size;
  };
  name("RIFF");
  number(bytes.length - 8);
  name("WAVEfmt ");
  [16, [1, 2], [1, 2], RATE, 2 * RATE, [2, 2], [16, 2]].forEach((value) => number(...[value].flat())); // PCM, one channel, 16 bits
  name("data");
  number(2 * x.length);
  for (const value of x) {
    view.setInt16(at, Math.round(32767 * Math.min(1, Math.max(-1, value))), true);
    at += 2;
  }
  name("LIST");
  number(12 + text.length);
  name("INFOICMT");
  number(text.length);
  bytes.set(text, at);
  return bytes;
}
