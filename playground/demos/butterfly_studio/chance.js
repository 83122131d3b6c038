// numpy's default_rng(seed).permutation(n): SeedSequence, PCG64 (XSL-RR) and Fisher-Yates, so that a seed chooses the same as in the app.

const WORD = (1n << 64n) - 1n;
const LONG = (1n << 128n) - 1n;
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;

// Eight words of 32 bits out of a seed of as many.
function seeded(seed) {
  const hash = (constant, multiplier) => (value) => {
    const mixed = (value ^ constant) >>> 0;
    constant = Math.imul(constant, multiplier) >>> 0;
    const product = Math.imul(mixed, constant) >>> 0;
    return (product ^ (product >>> 16)) >>> 0;
  };
  const enter = hash(0x43b0d7e5, 0x931e8875);
  const leave = hash(0x8b51f9dd, 0x58f38ded);
  const pool = [seed, 0, 0, 0].map(enter);
  for (let from = 0; from < 4; from++)
    for (let to = 0; to < 4; to++) {
      if (from === to) continue;
      const mixed = (Math.imul(0xca01f9dd, pool[to]) - Math.imul(0x4973f715, enter(pool[from]))) >>> 0;
      pool[to] = (mixed ^ (mixed >>> 16)) >>> 0;
    }
  return Array.from({ length: 8 }, (_, i) => leave(pool[i % 4]));
}

// A function that gives words of 32 bits.
function generator(seed) {
  const words = seeded(seed).map(BigInt);
  const [a, b, c, d] = [0, 2, 4, 6].map((i) => words[i] | (words[i + 1] << 32n));
  const increment = (((c << 64n) | d) << 1n | 1n) & LONG;
  let state = increment; // a step from 0
  const step = () => (state = (state * MULTIPLIER + increment) & LONG);
  state = (state + ((a << 64n) | b)) & LONG;
  step();
  let kept = null; // the upper half of the last 64 bits
  return () => {
    if (kept !== null) {
      const upper = kept;
      kept = null;
      return upper;
    }
    step();
    const [folded, turn] = [(state >> 64n) ^ (state & WORD), state >> 122n];
    const word = ((folded >> turn) | (folded << (64n - turn))) & WORD;
    kept = Number(word >> 32n);
    return Number(word & 0xffffffffn);
  };
}

// The numbers from 0 to n - 1 in an order by chance.
export function permutation(n, seed) {
  const next = generator(seed);
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const mask = 2 ** (32 - Math.clz32(i)) - 1;
    let j;
    do j = (next() & mask) >>> 0;
    while (j > i);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
