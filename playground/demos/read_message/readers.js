// Readers of texts: classical ones over their arrays, networks as ONNX; and what decided each, as zoo/reading.py has it.

import { network, tensors } from "./network.js";
import { hashed, pieces, pieceTerms, shape, split, without, words, wordTerms } from "./terms.js";

const [BLANK, UNKNOWN] = [0, 1]; // numbers of no word, and of a word that is not known
const rule = (said) => (said ? said.split(" ").map(Number) : null);
const lines = ({ data }) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(data).split("\n");

// A bag of words and of pieces of words, and a linear model over it.
export async function classical({ name, config }) {
  const { terms, idf, weight, bias, scale, shift } = await tensors(`${name}.safetensors`);
  const known = config.letters ? lines(terms) : [];
  const cut = config.word_terms;
  const numbered = (from, to) => new Map(known.slice(from, to).map((term, i) => [term, from + i]));
  const [wordAt, pieceAt] = [numbered(0, cut), numbered(cut)];
  const rows = bias.data.length;
  const [wordRule, pieceRule] = [rule(config.words), rule(config.pieces)];
  const ofWord = new Map(); // the terms of a word's pieces: in a text without one word all others are the same

  function count(places) {
    const counts = new Map();
    for (const at of places) counts.set(at, (counts.get(at) ?? 0) + 1);
    return counts;
  }

  function inPieces(word) {
    if (!ofWord.has(word)) {
      if (ofWord.size > 5000) ofWord.clear();
      ofWord.set(word, pieceTerms(word, ...pieceRule).map((term) => pieceAt.get(term)).filter((at) => at !== undefined));
    }
    return ofWord.get(word);
  }

  function decision(text) {
    const found = Array.from(bias.data);
    const blocks = [];
    if (wordRule) blocks.push(wordTerms(text, ...wordRule).map((term) => wordAt.get(term)).filter((at) => at !== undefined));
    if (pieceRule) blocks.push(split(text).flatMap(inPieces));
    for (const places of blocks) {
      let counted = [...count(places)].map(([at, n]) => [at, (config.sublinear ? 1 + Math.log(n) : n) * (config.inverse ? idf.data[at] : 1)]);
      if (config.inverse) {
        const length = Math.sqrt(counted.reduce((sum, [, x]) => sum + x * x, 0)) || 1;
        counted = counted.map(([at, x]) => [at, x / length]);
      }
      for (const [at, x] of counted) for (let row = 0; row < rows; row++) found[row] += x * weight.data[at * rows + row];
    }
    return found.map((d, row) => d * scale.data[row] + shift.data[row]);
  }

  const halves = (d) => (config.classes === 2 ? [-d[0] / 2, d[0] / 2] : d);
  return { logits: async (texts) => texts.map((text) => halves(decision(text))) };
}

// A network, which reads all texts that lack one word together.
export async function net({ name, config }, digits, shapes) {
  const [run, { vocabulary }] = await Promise.all([network(`${name}.onnx`), tensors(`${name}.vocabulary.safetensors`)]);
  const numbers = new Map(config.letters ? lines(vocabulary).map((word, i) => [word, i + 2]) : []);

  // A text's words as the graph takes them; at least one.
  function encode(text) {
    const found = words(text).slice(0, config.most).map(([start, end]) => text.slice(start, end));
    const own = found.map((word) => (config.buckets ? pieces(word, digits, config.digits).map((piece) => hashed(piece) % config.buckets) : []));
    if (!found.length) own.push([]);
    const most = Math.max(1, ...own.map((part) => part.length));
    const [ids, shares] = [new BigInt64Array(own.length * most), new Float32Array(own.length * most)];
    own.forEach((part, i) =>
      part.forEach((id, j) => {
        ids[i * most + j] = BigInt(id);
        shares[i * most + j] = 1 / part.length;
      }),
    );
    const whole = (list) => ({ data: BigInt64Array.from(list, BigInt), dims: [list.length] });
    return {
      numbers: whole(found.length ? found.map((word) => numbers.get(word.toLowerCase()) ?? UNKNOWN) : [BLANK]),
      shapes: whole(found.length ? found.map((word) => shape(word, digits)) : [shapes - 1]),
      pieces: { data: ids, dims: [own.length, most] },
      shares: { data: shares, dims: [own.length, most] },
    };
  }

  async function read(encoded, rows) {
    const index = { data: BigInt64Array.from(rows.flat(), BigInt), dims: [rows.length, rows[0].length] };
    const { logits, each } = await run({ ...encoded, index });
    const cut = ({ data }) => Array.from({ length: data.length / config.classes }, (_, i) => [...data.slice(i * config.classes, (i + 1) * config.classes)]);
    return { logits: cut(logits), each: each && cut(each) };
  }

  const all = ({ numbers: { data } }) => Array.from(data.keys());

  return {
    async logits(texts) {
      const found = [];
      for (const text of texts) {
        const encoded = encode(text);
        found.push((await read(encoded, [all(encoded)])).logits[0]);
      }
      return found;
    },
    // Logits of a text and of it without each of its first words; null where they are too many or too few to be read at once.
    async wordsOut(text, count, out) {
      if (count < 2 || count > config.most) return null;
      const encoded = encode(text);
      const rows = Array.from({ length: out }, (_, gone) => all(encoded).filter((i) => i !== gone));
      const [whole, rest] = [await read(encoded, [all(encoded)]), out ? await read(encoded, rows) : { logits: [] }];
      return [...whole.logits, ...rest.logits];
    },
    // Logits after each word of a text that blanks follow, from its last word on.
    async padded(text, blanks) {
      const encoded = encode(text);
      const own = all(encoded);
      const { each } = await read(encoded, [[...own, ...Array(blanks).fill(own.length)]]);
      return each.slice(own.length - 1);
    },
  };
}

const logSumExp = (list) => {
  const most = Math.max(...list);
  return most + Math.log(list.reduce((sum, x) => sum + Math.exp(x - most), 0));
};

// The log-odds of each class against all others.
const odds = (logits) => logits.map((x, i) => x - logSumExp(logits.filter((_, j) => j !== i)));
const sigmoid = (x) => 1 / (1 + Math.exp(-x));

// What a reader makes of a text: {label, probabilities, odds, spans, changes}.
export async function verdict(reader, text, { most, work, letters }) {
  const spans = words(text);
  const out = spans.slice(0, Math.min(most, Math.floor(work / Math.max(1, [...text].length, letters * spans.length))));
  const read = await reader.wordsOut?.(text, spans.length, out.length);
  const told = (read ?? (await reader.logits([text, ...out.map((span) => without(text, span))]))).map(odds);
  const label = told[0].indexOf(Math.max(...told[0]));
  const changes = spans.map((_, i) => (i < out.length ? told[0][label] - told[i + 1][label] : 0));
  return { label, probabilities: told[0].map(sigmoid), odds: told[0], spans, changes };
}
