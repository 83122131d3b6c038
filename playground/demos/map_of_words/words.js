// Words as vectors, as spaces.py beside this file has them: neighbours, sums of words, and sums as people type them.

const LONGEST = 40; // characters of a word that others are compared with

// How alike two texts are, from 0 to 1, as Python's difflib has it: twice what they share, in blocks, the longest first, of all.
function alike(a, b) {
  function shared(a, b) {
    let [longest, from, to] = [0, 0, 0];
    for (let i = 0; i < a.length; i++)
      for (let j = 0; j < b.length; j++) {
        let k = 0;
        while (i + k < a.length && j + k < b.length && a[i + k] === b[j + k]) k++;
        if (k > longest) [longest, from, to] = [k, i, j];
      }
    if (!longest) return 0;
    return longest + shared(a.slice(0, from), b.slice(0, to)) + shared(a.slice(from + longest), b.slice(to + longest));
  }
  return (2 * shared(a, b)) / (a.length + b.length);
}

const length = (vector) => Math.max(Math.hypot(...vector), 1e-12);
export const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);

// Words with vectors of length 1, one after the other in `data`.
export function space(words, data, dims) {
  const numbers = new Map(words.map((word, i) => [word, i]));
  const table = Float32Array.from(data);
  for (let i = 0; i < words.length; i++) {
    const row = table.subarray(i * dims, (i + 1) * dims);
    const size = length(row);
    row.forEach((value, k) => (row[k] = value / size));
  }
  const row = (i) => table.subarray(i * dims, (i + 1) * dims);
  const known = (word) => numbers.get(word.trim().toLowerCase().replaceAll("’", "'"));

  function number(word) {
    const found = known(word);
    if (found !== undefined) return found;
    const plain = word.trim().toLowerCase();
    const scores = plain && plain.length <= LONGEST ? words.map((other) => [alike(plain, other), other]).filter(([score]) => score >= 0.6) : [];
    const near = scores.sort(([a], [b]) => b - a).slice(0, 3).map(([, other]) => other);
    const like = near.length ? `; spelled most like it: ${near.join(", ")}` : "";
    throw new Error(`'${word.trim().slice(0, LONGEST)}' is not among the ${words.length.toLocaleString("en")} words that the model knows${like}.`);
  }

  // Each word's cosine with a vector.
  const along = (vector) => {
    const size = length(vector);
    return Float32Array.from(words, (_, i) => dot(row(i), vector) / size);
  };

  function nearest(vector, n, without = []) {
    const cosines = along(vector);
    return [...cosines.keys()]
      .filter((i) => !without.includes(i))
      .sort((a, b) => cosines[b] - cosines[a])
      .slice(0, n)
      .map((i) => [words[i], cosines[i]]);
  }

  function total(plus, minus) {
    const sum = new Float32Array(dims);
    for (const [given, sign] of [[plus, 1], [minus, -1]])
      for (const word of given) row(number(word)).forEach((value, k) => (sum[k] += sign * value));
    return sum;
  }

  return { row, known, number, along, nearest, total };
}

// The words of a sum such as 'king - man + woman' that are added, and those that are taken away; throws what to type where it is none.
export function parsed(text, most) {
  const parts = text.trim().split(/\s*([+\-−–])\s*/);
  if (parts[0]) parts.unshift("+");
  else parts.shift();
  const [plus, minus] = [[], []];
  if (!parts.length) throw new Error("Type words with + and - between them, such as king - man + woman.");
  if (parts.length / 2 > most) throw new Error(`Type at most ${most} words.`);
  for (let i = 0; i < parts.length; i += 2) {
    const [sign, word] = [parts[i], parts[i + 1]];
    if (!word) throw new Error(`A word is missing after “${sign}”.`);
    if (/\s/.test(word)) throw new Error(`Put + or - between the words of “${word.slice(0, 40)}”.`);
    (sign === "+" ? plus : minus).push(word);
  }
  return [plus, minus];
}

// The words at either end of a direction such as 'she - he'; throws what to type where it is none.
export function between(text, most) {
  const [plus, minus] = parsed(text, most);
  if (!plus.length || !minus.length) throw new Error("A direction needs words at both ends, such as she - he.");
  if ([...plus].sort().join(" ") === [...minus].sort().join(" ")) throw new Error("A direction needs different words at its ends, such as she - he.");
  return [plus, minus];
}
