// Short-time Fourier transforms there and back, as zoo/sound.py has them: Hann's window of 256 samples, a frame every 64, centred.

export const [SIZE, HOP] = [256, 64];
export const BINS = SIZE / 2;
const WIDTH = BINS + 1; // numbers of a frame, to the last frequency

const turn = (k) => (2 * Math.PI * k) / SIZE;
const HANN = Float64Array.from({ length: SIZE }, (_, i) => 0.5 - 0.5 * Math.cos(turn(i)));
const COS = Float64Array.from({ length: BINS }, (_, k) => Math.cos(turn(k)));
const SIN = Float64Array.from({ length: BINS }, (_, k) => Math.sin(turn(k)));
const REVERSED = Uint8Array.from({ length: SIZE }, (_, i) => {
  let found = 0;
  for (let bit = 1; bit < SIZE; bit *= 2) found = found * 2 + (i & bit ? 1 : 0);
  return found;
});

// Cooley and Tukey's, of 256 complex numbers, in place; the way back, but for a 256th, with re and im exchanged.
function fft(re, im) {
  for (let i = 0; i < SIZE; i++) {
    const j = REVERSED[i];
    if (j <= i) continue;
    [re[i], re[j]] = [re[j], re[i]];
    [im[i], im[j]] = [im[j], im[i]];
  }
  for (let half = 1; half < SIZE; half *= 2)
    for (let k = 0, step = BINS / half; k < half; k++) {
      const [c, s] = [COS[k * step], SIN[k * step]];
      for (let a = k; a < SIZE; a += 2 * half) {
        const b = a + half;
        const [x, y] = [c * re[b] + s * im[b], c * im[b] - s * re[b]];
        re[b] = re[a] - x;
        im[b] = im[a] - y;
        re[a] += x;
        im[a] += y;
      }
    }
}

// Transforms of so many frames, frame by frame 129 numbers: {re, im, frames}.
export const blank = (frames) => ({ re: new Float64Array(frames * WIDTH), im: new Float64Array(frames * WIDTH), frames });

// The transform of a waveform of N samples: 1 + N / 64 frames.
export function stft(x) {
  const found = blank(1 + Math.floor(x.length / HOP));
  const [re, im] = [new Float64Array(SIZE), new Float64Array(SIZE)];
  for (let t = 0; t < found.frames; t++) {
    const start = t * HOP - BINS;
    for (let i = 0; i < SIZE; i++) re[i] = HANN[i] * (x[start + i] ?? 0);
    im.fill(0);
    fft(re, im);
    found.re.set(re.subarray(0, WIDTH), t * WIDTH);
    found.im.set(im.subarray(0, WIDTH), t * WIDTH);
  }
  return found;
}

// The waveform of a transform of T frames: 64 (T - 1) samples.
export function istft({ re: real, im: imaginary, frames }) {
  const sum = new Float64Array((frames - 1) * HOP);
  const windows = new Float64Array(sum.length);
  const [re, im] = [new Float64Array(SIZE), new Float64Array(SIZE)];
  for (let t = 0; t < frames; t++) {
    for (let k = 0; k < WIDTH; k++) {
      const edge = k === 0 || k === BINS; // of which a real sound has no imaginary part
      re[k] = real[t * WIDTH + k];
      im[k] = edge ? 0 : imaginary[t * WIDTH + k];
      if (edge) continue;
      re[SIZE - k] = re[k];
      im[SIZE - k] = -im[k];
    }
    fft(im, re);
    const start = t * HOP - BINS;
    for (let i = Math.max(0, -start); i < SIZE && start + i < sum.length; i++) {
      sum[start + i] += (HANN[i] * re[i]) / SIZE;
      windows[start + i] += HANN[i] ** 2;
    }
  }
  return sum.map((value, i) => value / windows[i]);
}
