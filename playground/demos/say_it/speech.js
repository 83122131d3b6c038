// Words spoken by the networks of this folder's models/, as zoo/models/audio_flow and zoo/models/audio_idvae.py say them.
//
// A word and a voice are shares of all words and all voices, [1, 0, ...] or a blend. What is said is a spectrogram, {data, frames}.

import { BINS } from "./fourier.js";
import { network } from "./network.js";
import { noise } from "./noise.js";
import { texture } from "./sound.js";

const PATCH = 2; // frames that are read and written together
const STEPS = 16; // of the flow
const [TEXTURE, LENGTH] = [0xa1e, 0x1e57]; // what seeds are crossed with
const crossed = (seed, other) => (seed ^ other) >>> 0;
const row = (numbers) => ({ data: Float32Array.from(numbers), dims: [1, numbers.length] });
const breath = () => new Promise((done) => setTimeout(done)); // so that the page answers meanwhile

export const only = (count, i) => Array.from({ length: count }, (_, k) => Number(k === i));
export const between = (count, from, to, share) =>
  Array.from({ length: count }, (_, k) => (k === from ? 1 - share : 0) + (k === to ? share : 0));

// How many patches a word lasts: number `index` of a seed.
function lasting({ lengths, spreads, longest }, word, voice, seed, index, longer) {
  const { fround } = Math;
  const mixed = (table) => fround(word.reduce((sum, a, i) => sum + voice.reduce((part, b, k) => part + a * b * table[i][k], 0), 0));
  const far = Math.min(2, Math.max(-2, noise(1, 1, crossed(seed, LENGTH), index)[0]));
  const patches = fround(longer * fround(Math.exp(fround(mixed(lengths) + fround(mixed(spreads) * far)))));
  const [below, rest] = [Math.floor(patches), patches % 1];
  const rounded = rest === 0.5 ? below + (below % 2) : Math.round(patches); // a half to the even number
  return Math.min(longest, Math.max(4, rounded));
}

// A spectrogram as the networks read it: patches of two frames, 256 numbers each.
function patched({ data, frames }) {
  const found = new Float32Array(data.length);
  for (let t = 0, at = 0; t < frames; t++) for (let i = 0; i < BINS; i++) found[at++] = data[i * frames + t];
  return { data: found, dims: [frames / PATCH, PATCH * BINS] };
}

// What a network writes, the likeliest and how far off it may be, with what is noise in a voice drawn.
function drawn({ s, spread }, seed, index) {
  const frames = s.data.length / BINS;
  const { data } = texture(frames, crossed(seed, TEXTURE), index);
  return { data: s.data.map((value, i) => Math.min(1, Math.max(-1, value + spread.data[i] * data[i]))), frames };
}

async function flow({ name, words, voices, lasts, channels }) {
  const [velocity, write, read] = await Promise.all(["velocity", "write", "read"].map((part) => network(`${name}.${part}.onnx`)));
  const told = (shares) => row([...shares, 0]);
  const [noWord, noVoice] = [words, voices].map(({ length }) => row(only(length + 1, length))); // what is not told

  async function slope(z, dims, t, word, voice, guidance) {
    const at = async (word, voice) => (await velocity({ z: { data: z, dims }, t: { data: [t], dims: [1] }, word, voice })).v.data;
    const v = await at(told(word), told(voice));
    if (guidance === 1) return v;
    const free = await at(noWord, noVoice);
    return v.map((value, i) => free[i] + guidance * (value - free[i]));
  }

  // Carry latents from time `start` to `end`, by Euler's steps, or Heun's where that is backwards.
  async function carry(z, word, voice, { start = 0, end = 1, guidance = 1, steps = STEPS }) {
    const dims = [z.length / channels, channels];
    const times = Array.from({ length: steps + 1 }, (_, i) => start + ((end - start) * i) / steps);
    for (let i = 0; i < steps; i++) {
      const [now, then] = [times[i], times[i + 1]];
      let v = await slope(z, dims, now, word, voice, guidance);
      if (end < start) {
        const ahead = await slope(z.map((value, k) => value + (then - now) * v[k]), dims, then, word, voice, guidance);
        v = v.map((value, k) => (value + ahead[k]) / 2);
      }
      z = z.map((value, k) => value + (then - now) * v[k]);
      await breath();
    }
    return z;
  }

  const written = async (z, seed, index) => drawn(await write({ z: { data: z, dims: [z.length / channels, channels] } }), seed, index);

  async function sample({ word, voice, seed, index = 0, longer = 1, temperature = 1, guidance = 2, steps = STEPS }) {
    const patches = lasting(lasts, word, voice, seed, index, longer);
    const z = noise(1, lasts.longest * channels, seed, index).subarray(0, patches * channels);
    return written(await carry(z.map((value) => temperature * value), word, voice, { guidance, steps }), seed, index);
  }

  const encode = async (s, word, voice) => carry((await read({ patches: patched(s) })).z.data, word, voice, { start: 1, end: 0 });
  const decode = async (z, frames, word, voice, { seed = 0, index = 0 } = {}) =>
    written(await carry(z, word, voice, {}), seed, index);
  const kept = async (s) => drawn(await write({ z: (await read({ patches: patched(s) })).z }), 0 ^ TEXTURE); // what the autoencoder keeps
  return { sample, encode, decode, kept };
}

async function idvae({ name, lasts, latent }) {
  const [write, read] = await Promise.all(["write", "read"].map((part) => network(`${name}.${part}.onnx`)));
  async function decode(z, frames, word, voice, { seed = 0, index = 0 } = {}) {
    const here = { data: new Float32Array(frames / PATCH).fill(1), dims: [frames / PATCH, 1] };
    return drawn(await write({ z: row(z), word: row(word), voice: row(voice), here }), seed, index);
  }
  async function sample({ word, voice, seed, index = 0, longer = 1, temperature = 0.9 }) {
    const frames = PATCH * lasting(lasts, word, voice, seed, index, longer);
    const z = noise(1, latent, seed, index).map((value) => temperature * value);
    return decode(z, frames, word, voice, { seed, index });
  }
  const encode = async (s) => (await read({ patches: patched(s) })).z.data;
  return { sample, encode, decode };
}

const KINDS = { audio_flow: flow, audio_idvae: idvae };

// What says words with a model, by its facts: sample({word, voice, seed, ...}), encode(s, word, voice), decode(z, frames, word, voice, {...}).
export const speaker = (facts) => KINDS[facts.family](facts);
