// A sound as a picture, as picture.py draws it: its title, its spectrogram, its waveform, what was heard.

import { tile } from "./erased.js";

export function sheet(s, x, title, said) {
  const [width, height, margin] = [960, 640, 60];
  const top = margin + 96;
  const high = Math.round((height - top - margin) * 0.7);
  const wide = width - 2 * margin;
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const pen = canvas.getContext("2d");
  pen.drawImage(tile(s), margin, top, wide, high);
  pen.fillStyle = "#1b1b1f";
  pen.font = `${margin}px "Zoo Serif", serif`;
  pen.textBaseline = "top";
  pen.fillText(title, margin, margin, wide);
  const [middle, half] = [(top + high + height - margin) / 2, (height - margin - top - high) / 2];
  pen.fillStyle = "#3d5a80";
  for (let i = 0; i < wide; i++) {
    const start = Math.floor((i * x.length) / wide);
    const part = x.subarray(start, Math.max(start + 1, Math.floor(((i + 1) * x.length) / wide)));
    const [least, most] = [Math.min(...part), Math.max(...part)];
    pen.fillRect(margin + i, middle - half * most, 1, half * (most - least) + 1);
  }
  pen.fillStyle = "#5a5854";
  pen.font = '24px "Zoo Serif", serif';
  pen.textBaseline = "bottom";
  pen.fillText(said, margin, height - 15, wide);
  return canvas;
}
