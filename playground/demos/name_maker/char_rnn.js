// Names by char-RNN, a character at a time: what zoo/models/char_rnn and zoo/copies.py do.

import { choose, distribution } from "./characters.js";
import { uniform } from "./noise.js";

// Texts that are written on after a beginning until a line ends, as `CharRNN.trace` does: each its characters, and the probabilities
// (chars) that each was drawn from.
export function written(net, chars, { beginning, given, seed, how, count, length }) {
  const read = ["\n", ...beginning].map((c) => chars.indexOf(c));
  const start = read.reduce(net.step, net.begin(given));
  return Array.from({ length: count }, (_, index) => {
    const chance = uniform(length, seed, index);
    const letters = [];
    for (let state = start, i = 0; i < length; i++) {
      const p = distribution(net.logits(state), how, []);
      const next = choose(p, chance[i]);
      letters.push({ c: chars[next], p });
      if (chars[next] === "\n") break;
      state = net.step(state, next);
    }
    return letters;
  });
}

// The probability of each character of a line after those before it, and of its end.
export function probabilities(net, chars, text, given) {
  let state = net.step(net.begin(given), chars.indexOf("\n"));
  return [...text, "\n"].map((c) => {
    const next = chars.indexOf(c);
    const p = distribution(net.logits(state), { wild: 1, top_k: 0, top_p: 1, min_p: 0, repetition: 1 }, [])[next];
    state = net.step(state, next);
    return p;
  });
}

// CRC-32 of a text's UTF-8, as the hashes of known names have it: signed.
const TABLE = Int32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n;
});
export const hashed = (text) => ~new TextEncoder().encode(text).reduce((crc, byte) => (crc >>> 8) ^ TABLE[(crc ^ byte) & 255], -1);
