// What a sound looks like: its samples, its spectrogram as zoo/sound.py has it, and both drawn on a canvas.

const SIZE = 256; // of a frame
const HOP = 64;
const [QUIET, LOUD] = [1e-3, 40];
const HEIGHTS = { spectrogram: 96, waveform: 40 }; // CSS pixels

// Samples as numbers in -1..1, from 16-bit ones in base64.
export function samples(x) {
  if (typeof x !== "string") return x;
  const bytes = Uint8Array.from(atob(x), (c) => c.charCodeAt(0));
  return Float32Array.from(new Int16Array(bytes.buffer), (value) => value / 32767);
}

const TURNS = Array.from({ length: SIZE }, (_, i) => [Math.cos((2 * Math.PI * i) / SIZE), Math.sin((2 * Math.PI * i) / SIZE)]);

// How loud each frequency of each frame is, 0 to 1, low frequencies first: frames of SIZE / 2 values.
export function spectrogram(x) {
  return Array.from({ length: 1 + Math.floor(x.length / HOP) }, (_, t) => {
    const frame = Float32Array.from({ length: SIZE }, (_, i) => {
      const at = t * HOP + i - SIZE / 2;
      return at < 0 || at >= x.length ? 0 : x[at] * (0.5 - 0.5 * TURNS[i][0]);
    });
    return Float32Array.from({ length: SIZE / 2 }, (_, k) => {
      let [re, im] = [0, 0];
      for (let i = 0; i < SIZE; i++) {
        const [cos, sin] = TURNS[(i * k) % SIZE];
        re += frame[i] * cos;
        im -= frame[i] * sin;
      }
      const size = Math.min(LOUD, Math.max(QUIET, Math.hypot(re, im)));
      return Math.log(size / QUIET) / Math.log(LOUD / QUIET);
    });
  });
}

// The lowest and the highest sample of each of so many equal parts.
export function outline(x, parts) {
  return Array.from({ length: parts }, (_, i) => {
    const part = x.subarray(Math.floor((i * x.length) / parts), Math.max(1, Math.floor(((i + 1) * x.length) / parts)));
    return [Math.min(...part, 0), Math.max(...part, 0)];
  });
}

// A spectrogram as a picture, a pixel for each of its places, the louder the more ink.
function tile(frames, ink) {
  const made = document.createElement("canvas");
  Object.assign(made, { width: frames.length, height: SIZE / 2 });
  const pen = made.getContext("2d");
  const image = pen.createImageData(made.width, made.height);
  frames.forEach((frame, t) =>
    frame.forEach((value, k) => image.data.set([...ink, 255 * value ** 2], 4 * ((SIZE / 2 - 1 - k) * made.width + t))),
  );
  pen.putImageData(image, 0, 0);
  return made;
}

// Draws a sound as spectrogram and waveform, with a line at sample `now` where it is played.
// `longest` samples are as wide as the canvas, `peak` is as high as the waveform may be; `tall` makes the spectrogram so many times as high.
export function depict(canvas, { x, frames, longest, peak, tall, now }) {
  if (!canvas?.clientWidth) return;
  const [width, sharp] = [canvas.clientWidth, window.devicePixelRatio || 1];
  const high = HEIGHTS.spectrogram * tall;
  Object.assign(canvas, { width: Math.round(width * sharp), height: Math.round((high + HEIGHTS.waveform) * sharp) });
  canvas.style.height = `${high + HEIGHTS.waveform}px`;
  const pen = canvas.getContext("2d");
  const style = getComputedStyle(canvas);
  const ink = style.color.match(/[\d.]+/g).slice(0, 3).map(Number);
  const wide = (width * x.length) / longest;
  pen.scale(sharp, sharp);
  pen.drawImage(tile(frames, ink), 0, 0, wide, high);
  pen.fillStyle = style.getPropertyValue("--sound-wave");
  const [middle, scale] = [high + HEIGHTS.waveform / 2, HEIGHTS.waveform / 2 / peak];
  outline(x, Math.max(1, Math.round(wide))).forEach(([low, top], i) => {
    pen.fillRect(i, middle - top * scale - 0.5, 1, (top - low) * scale + 1);
  });
  if (now === undefined) return;
  pen.fillStyle = "#e8731a";
  pen.fillRect((wide * now) / x.length - 1, 0, 2, high + HEIGHTS.waveform);
}
