// The word in a recording, cut out, as playground/sounds.py does it; the browser itself decodes the file.

import { HOP } from "./fourier.js";
import { RATE } from "./sound.js";

const MOST_SECONDS = 60;
const [LONGEST, SHORTEST] = [RATE, 0.08 * RATE]; // samples of a word
const QUIETEST = 1e-3; // root mean square of a word's loudest quarter of a second, at least
const [BELOW, ABOVE] = [10 ** -3.5, 4]; // where a word ends: a share of its loudest power, or so many times that of the ground
const PAUSE = 24; // frames that a closed mouth may keep silent within a word
const [LEVEL, PEAK] = [0.1, 0.95];

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const most = (values) => values.reduce((a, b) => Math.max(a, b), -Infinity);
const first = (values) => values.indexOf(most(values)); // place of the largest

// Sums over `width` neighbours, as numpy.convolve gives them: as many as there are values, or, `within`, only whole ones.
function sums(values, width, within = false) {
  const before = Float64Array.of(0, ...values);
  for (let i = 1; i < before.length; i++) before[i] += before[i - 1];
  const middle = Math.floor((Math.min(width, values.length) - 1) / 2) - (width - 1);
  const [start, count] = within ? [0, values.length - width + 1] : [middle, Math.max(values.length, width)];
  const at = (i) => before[Math.max(0, Math.min(values.length, i))];
  return Float64Array.from({ length: count }, (_, i) => at(start + i + width) - at(start + i));
}

// As loud as others: the root mean square of the louder half of the frames is 0.1, the peak at most 0.95.
export function levelled(x) {
  const power = Float64Array.from({ length: Math.ceil(x.length / HOP) }, (_, t) => x.subarray(t * HOP, (t + 1) * HOP).reduce((sum, v) => sum + v * v, 0) / HOP);
  const loud = Math.sqrt(mean(power.sort().subarray(Math.floor(power.length / 2))));
  const gain = loud > 0 ? Math.min(LEVEL / loud, PEAK / most(x.map(Math.abs))) : 1;
  return Float32Array.from(x, (value) => value * gain);
}

// The loudest word of a waveform: {x, start, whole}, the last two in seconds.
export function loudest(given) {
  const middle = mean(given);
  const padded = new Float64Array(Math.max(Math.ceil(given.length / HOP), PAUSE) * HOP);
  given.forEach((value, i) => (padded[i] = value - middle));
  const power = Float64Array.from({ length: padded.length / HOP }, (_, t) => mean(padded.subarray(t * HOP, (t + 1) * HOP).map((v) => v * v)));
  const [smooth, near] = [5, 32].map((width) => sums(power, width).map((sum) => sum / width));
  const peak = first(near);
  if (near[peak] < QUIETEST ** 2) throw new Error("Nothing is to be heard in it: speak nearer to the microphone, or choose another file.");
  const sorted = smooth.slice().sort();
  const [below, rest] = [Math.floor(0.1 * (sorted.length - 1)), (0.1 * (sorted.length - 1)) % 1];
  const ground = sorted[below] + rest * ((sorted[below + 1] ?? 0) - sorted[below]);
  const least = Math.max(most(smooth.subarray(Math.max(0, peak - 16), peak + 16)) * BELOW, ABOVE * ground);
  const loud = [...smooth.keys()].filter((t) => smooth[t] > Math.min(least, most(smooth) / 4));
  const at = first(loud.map((t) => -Math.abs(t - peak)));
  let [from, to] = [at, at];
  while (from > 0 && loud[from] - loud[from - 1] <= PAUSE) from--;
  while (to < loud.length - 1 && loud[to + 1] - loud[to] <= PAUSE) to++;
  [from, to] = [loud[from], loud[to] + 1];
  const [longest, shortest] = [LONGEST, SHORTEST].map((samples) => Math.floor(samples / HOP));
  if (to - from > longest) {
    from += first(sums(power.subarray(from, to), longest, true)); // more than a word: its loudest second
    to = from + longest;
  }
  [from, to] = [Math.max(0, Math.min(from, to - shortest)), Math.max(to, from + shortest)];
  const x = levelled(Float32Array.from(padded.subarray(from * HOP, to * HOP).subarray(0, LONGEST)));
  return { x, start: (from * HOP) / RATE, whole: given.length / RATE };
}

// The word in a file: {x, start, whole}.
export async function word(blob) {
  let sound;
  try {
    sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(await blob.arrayBuffer());
  } catch {
    throw new Error("The browser can read no sound in it: record again, or choose another file.");
  }
  const channels = Array.from({ length: sound.numberOfChannels }, (_, i) => sound.getChannelData(i).subarray(0, MOST_SECONDS * RATE));
  return loudest(channels[0].map((_, t) => mean(channels.map((channel) => channel[t]))));
}
