// The random numbers that the models' Python code draws, bit for bit: Philox4x64-10 (doi 10.1145/2063384.2063405) keyed by
// (seed, index), as zoo/nn.py has it. So a seed gives the same picture here as in the app.

const MASK = (1n << 64n) - 1n;
const MULTIPLIERS = [0xd2e7470ee14c6c93n, 0xca5a826395121157n];
const WEYL = [0x9e3779b97f4a7c15n, 0xbb67ae8584caa73bn];
export const MAX_SEED = 2 ** 32 - 1;

function block(counter, seed, index) {
  let [a, b, c, d] = [counter, 0n, 0n, 0n];
  let [k, l] = [seed, index];
  for (let round = 0; round < 10; round++) {
    const [p, q] = [MULTIPLIERS[0] * a, MULTIPLIERS[1] * c];
    [a, b, c, d] = [(q >> 64n) ^ b ^ k, q & MASK, (p >> 64n) ^ d ^ l, p & MASK];
    [k, l] = [(k + WEYL[0]) & MASK, (l + WEYL[1]) & MASK];
  }
  return [a, b, c, d];
}

// `count` numbers between 0 and 1 that depend on the seed and the sample's index alone.
export function uniform(count, seed, index = 0) {
  const numbers = new Float64Array(count);
  for (let i = 0, words; i < count; i++) {
    if (i % 4 === 0) words = block(BigInt(i / 4 + 1), BigInt(seed), BigInt(index));
    numbers[i] = (Number(words[i % 4] >> 11n) + 0.5) * 2 ** -53;
  }
  return numbers;
}

// `n` samples of `count` normal numbers, one after the other, from number `start` on.
export function noise(n, count, seed, start = 0) {
  const half = Math.ceil(count / 2);
  const normal = new Float32Array(n * count);
  for (let sample = 0; sample < n; sample++) {
    const numbers = uniform(2 * half, seed, start + sample);
    for (let i = 0; i < half; i++) {
      const radius = Math.sqrt(-2 * Math.log(numbers[i]));
      const angle = 2 * Math.PI * numbers[half + i];
      normal[sample * count + i] = radius * Math.cos(angle);
      if (half + i < count) normal[sample * count + half + i] = radius * Math.sin(angle);
    }
  }
  return normal;
}
