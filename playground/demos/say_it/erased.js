// Strokes over a spectrogram, as erased.py: what is erased falls silent, what is drawn sounds, or only what is under them is left.

import { BINS } from "./fourier.js";

const [SIDE, PEN] = [256, 12]; // of the pad, and of the pen on it
export const DECIBELS = 20 * Math.log10(40 / 1e-3); // from the quietest that a spectrogram knows to the loudest

const paper = (frames) => Object.assign(document.createElement("canvas"), { width: frames, height: BINS });

// How much of each place of a spectrogram of so many frames lies under strokes, 0 to 1, low frequencies first.
export function covered(strokes, frames) {
  const pen = paper(frames).getContext("2d");
  pen.scale(frames / SIDE, BINS / SIDE);
  Object.assign(pen, { lineWidth: PEN, lineCap: "round", lineJoin: "round" });
  for (const stroke of strokes) {
    pen.beginPath();
    for (let i = 0; i < stroke.length; i += 2) pen[i ? "lineTo" : "moveTo"](stroke[i] + 0.5, stroke[i + 1] + 0.5);
    if (stroke.length === 2) pen.lineTo(stroke[0] + 0.5, stroke[1] + 0.5);
    pen.stroke();
  }
  const { data } = pen.getImageData(0, 0, frames, BINS);
  return Float32Array.from({ length: BINS * frames }, (_, at) => {
    const [i, t] = [Math.floor(at / frames), at % frames];
    return data[4 * ((BINS - 1 - i) * frames + t) + 3] / 255;
  });
}

// A spectrogram with strokes done to it.
export function changed({ data, frames }, strokes, does, decibels) {
  const under = covered(strokes, frames);
  if (does === "draw") return { data: data.map((s, at) => Math.max(s, under[at] * ((2 * decibels) / DECIBELS + 2) - 1)), frames };
  const kept = (share) => (does === "keep" && strokes.length ? share : 1 - share);
  return { data: data.map((s, at) => kept(under[at]) * (s + 1) - 1), frames };
}

// A spectrogram as a picture, as opaque as it is loud.
export function tile({ data, frames }, [r, g, b] = [27, 27, 31]) {
  const made = paper(frames);
  const image = new ImageData(frames, BINS);
  data.forEach((s, at) => {
    const [i, t] = [Math.floor(at / frames), at % frames];
    image.data.set([r, g, b, Math.round(255 * ((Math.min(1, Math.max(-1, s)) + 1) / 2) ** 2)], 4 * ((BINS - 1 - i) * frames + t));
  });
  made.getContext("2d").putImageData(image, 0, 0);
  return made;
}
