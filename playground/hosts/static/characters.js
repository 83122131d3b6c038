// Characters of a model's: the nearest to those that it does not know, and how the next is drawn, as zoo/writing.py has it.

const PLAIN = { "“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "\t": " ", "\r": "", '"': "'" };

// A text in the model's characters.
export function nearest(text, chars) {
  const swapped = (c) => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase());
  const one = (c) => {
    const bare = (PLAIN[c] ?? c).normalize("NFKD").replace(/\p{M}/gu, "");
    const near = [c, bare, PLAIN[bare] ?? bare, swapped(bare)].find((tried) => [...tried].every((b) => chars.includes(b)));
    return near ?? (chars.includes(" ") ? " " : "");
  };
  return [...text].map(one).join("");
}

// The probabilities that the next character is drawn from.
export function distribution(logits, { wild, top_k, top_p, min_p, repetition }, recent) {
  let x = Float64Array.from(logits);
  const best = () => x.reduce((a, b, i) => (b > x[a] ? i : a), 0);
  for (const i of new Set(recent)) if (repetition !== 1) x[i] = x[i] > 0 ? x[i] / repetition : x[i] * repetition;
  if (wild === 0) return x.map((_, i) => (i === best() ? 1 : 0));
  const top = x[best()];
  x = x.map((value) => Math.exp((value - top) / wild));
  const total = x.reduce((a, b) => a + b, 0);
  const p = x.map((value) => value / total);
  const order = [...p.keys()].sort((a, b) => p[b] - p[a] || a - b);
  const kept = new Float64Array(p.length);
  let before = 0;
  order.forEach((i, rank) => {
    if (rank === 0 || (p[i] >= min_p * p[order[0]] && before < top_p && !(top_k && rank >= top_k))) kept[i] = p[i];
    before += p[i];
  });
  const sum = kept.reduce((a, b) => a + b, 0);
  return kept.map((value) => value / sum);
}

export function choose(p, chance) {
  const total = p.reduce((a, b) => a + b, 0);
  let sum = 0;
  let i = 0;
  for (; i < p.length - 1; i++) if ((sum += p[i]) > chance * total) break;
  return i;
}
