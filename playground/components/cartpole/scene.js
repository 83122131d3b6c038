// What is drawn: carts in their lanes, curves over time, and a map of the policy. Each function clears its canvas first.

const CURVES = [
  { name: "pushes right", unit: "%", digits: 0, low: 0, high: 100, of: (state, thought) => 100 * thought[0] },
  { name: "value", unit: "steps", digits: 0, low: 0, high: 100, of: (state, thought) => thought[1] },
  { name: "place", unit: "m", digits: 2, low: -2.4, high: 2.4, of: (state) => state[0] },
  { name: "speed", unit: "m/s", digits: 2, low: -2, high: 2, of: (state) => state[1] },
  { name: "angle", unit: "°", digits: 1, low: -12, high: 12, of: (state) => (state[2] * 180) / Math.PI },
  { name: "turning", unit: "°/s", digits: 0, low: -115, high: 115, of: (state) => (state[3] * 180) / Math.PI },
];
const MAP = { cells: 36, angle: 0.21, turn: 2 }; // the map's half sides: rad, rad/s
const WORLD = 5.4; // m that a lane shows

// The canvas in device pixels; returns what draws on it in CSS pixels.
function paper(canvas, height) {
  const width = canvas.clientWidth;
  const ratio = devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.height = `${height}px`;
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.lineCap = pen.lineJoin = "round";
  return { pen, width, height };
}

function line(pen, points, color, thick, alpha) {
  pen.globalAlpha = alpha;
  pen.strokeStyle = color;
  pen.lineWidth = thick;
  pen.beginPath();
  points.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.stroke();
}

function write(pen, text, x, y, align, { font, ink }, { bold = false, size = 13 } = {}) {
  pen.globalAlpha = 1;
  pen.fillStyle = ink;
  pen.font = `${bold ? "600 " : ""}${size}px ${font}`;
  pen.textAlign = align;
  pen.fillText(text, x, y);
}

// Lanes {name, note, state, over, pushed, marked, flash}, one below the other; `poles` is their length in m as drawn, `most`
// the angle at which an episode ends.
export function drawStage(canvas, lanes, { poles, most, colors }) {
  const scale = canvas.clientWidth / WORLD; // pixels a metre
  const tall = Math.round(Math.max(104, (lanes.length > 1 ? 1.6 : 1.9) * scale));
  const { pen, width } = paper(canvas, tall * lanes.length);
  lanes.forEach((lane, i) => {
    if (i) line(pen, [[0, tall * i], [width, tall * i]], colors.ink, 1, 0.15);
    drawLane(pen, lane, { top: tall * i, floor: tall * (i + 1) - 0.16 * scale - 6, width, scale, poles, most, colors });
  });
  canvas.setAttribute("aria-label", lanes.map(({ name, note }) => `${name}: ${note}`).join("; "));
}

function drawLane(pen, lane, { top, floor, width, scale, poles, most, colors }) {
  const [x, , angle] = lane.state;
  const at = width / 2 + x * scale;
  const dim = lane.over ? 0.35 : 1;
  const [cartWide, cartTall] = [0.42 * scale, 0.2 * scale];
  const hinge = [at, floor - cartTall];
  const end = (turn) => [hinge[0] + Math.sin(turn) * poles * scale, hinge[1] - Math.cos(turn) * poles * scale];
  line(pen, [[0, floor], [width, floor]], colors.ink, 1.5, 0.5);
  for (const edge of [-2.4, 2.4]) {
    const place = width / 2 + edge * scale;
    line(pen, [[place, floor], [place, floor + 6]], colors.ink, 2, 0.8);
  }
  for (const bound of [-most, most]) line(pen, [hinge, end(bound)], colors.ink, 1, 0.18 * dim);
  pen.globalAlpha = dim;
  pen.fillStyle = colors.ink;
  pen.beginPath();
  pen.roundRect(at - cartWide / 2, floor - cartTall, cartWide, cartTall, 4);
  pen.fill();
  line(pen, [hinge, end(angle)], colors.accent, Math.max(4, 0.055 * scale), dim);
  if (!lane.over && lane.pushed !== undefined) {
    // An arrow behind the cart: which way it is pushed.
    const side = lane.pushed ? 1 : -1;
    const [tail, head] = [0.22, 0.05].map((gap) => at - side * (cartWide / 2 + gap * scale));
    const y = floor - cartTall / 2;
    line(pen, [[tail, y], [head, y]], colors.ink, 2, 0.6);
    line(pen, [[head - side * 5, y - 4], [head, y], [head - side * 5, y + 4]], colors.ink, 2, 0.6);
  }
  if (lane.flash && lane.flash.left-- > 0) {
    // What the person just pushed.
    const [from, y] = lane.flash.what === "shove" ? [at, floor - cartTall / 2] : end(angle);
    const tail = from - lane.flash.sign * 0.75 * scale;
    line(pen, [[tail, y], [tail + lane.flash.sign * 0.45 * scale, y]], colors.accent, 6, lane.flash.left / 15);
  }
  write(pen, lane.name, 10, top + 22, "left", colors, { bold: true, size: 14 });
  write(pen, lane.note, width - 10, top + 22, "right", colors, { size: 14 });
  if (lane.marked) {
    pen.fillStyle = colors.accent;
    pen.fillRect(0, top + 8, 3, 20);
  }
}

// `records` of [state, [probability of right, value]], of which `fits` go across; those after `now` are faint.
export function drawCurves(canvas, { records, fits, now, ahead }, colors) {
  const row = 54;
  const { pen, width } = paper(canvas, row * CURVES.length);
  CURVES.forEach(({ name, unit, digits, low, high, of }, i) => {
    const [top, bottom] = [row * i + 22, row * (i + 1) - 6];
    const y = (value) => bottom - ((Math.max(low, Math.min(high, value)) - low) / (high - low)) * (bottom - top);
    const points = records.map((record, k) => [(k / (fits - 1)) * width, y(of(...record))]);
    line(pen, [[0, y((low + high) / 2)], [width, y((low + high) / 2)]], colors.ink, 1, 0.15);
    if (ahead) line(pen, points, colors.ink, 1.25, 0.3);
    line(pen, points.slice(0, now + 1), i < 2 ? colors.accent : colors.ink, 1.75, 1);
    write(pen, name, 0, row * i + 15, "left", colors);
    if (records[now]) write(pen, `${of(...records[now]).toFixed(digits)} ${unit}`, width, row * i + 15, "right", colors);
  });
}

// The probability of pushing right with the cart as it is; `sheet` is what this function returned before, drawn again where
// nothing changed and, while the carts move, for a tenth of a second: working it out takes longer than a frame.
export function drawMap(canvas, mind, [x, speed, angle, turn], sheet, colors, moving) {
  const side = Math.min(canvas.clientWidth, 380);
  const { pen, width } = paper(canvas, side + 26);
  const key = `${x.toFixed(2)} ${speed.toFixed(2)}`;
  const now = performance.now();
  if (sheet?.mind !== mind || (sheet.key !== key && !(moving && now - sheet.when < 100))) {
    const n = MAP.cells;
    const image = new ImageData(n, n);
    for (let i = 0; i < n * n; i++) {
      const [across, up] = [(2 * (i % n) + 1) / n - 1, 1 - (2 * Math.floor(i / n) + 1) / n];
      const right = mind.right([x, speed, across * MAP.angle, up * MAP.turn]);
      image.data.set([61 + 171 * right, 90 + 25 * right, 128 - 102 * right, 255], 4 * i); // slate blue to orange
    }
    const pixels = new OffscreenCanvas(n, n);
    pixels.getContext("2d").putImageData(image, 0, 0);
    sheet = { mind, key, pixels, when: now };
  }
  const left = (width - side) / 2;
  pen.drawImage(sheet.pixels, left, 0, side, side);
  const within = (value) => Math.max(0, Math.min(side, value));
  pen.beginPath();
  pen.arc(left + within(((angle / MAP.angle + 1) / 2) * side), within(((1 - turn / MAP.turn) / 2) * side), 7, 0, 7);
  pen.fillStyle = "#fbfaf7";
  pen.fill();
  pen.lineWidth = 2;
  pen.strokeStyle = "#1b1b1f";
  pen.stroke();
  const white = { ...colors, ink: "#fff" };
  write(pen, "pushes left", left + 8, side - 10, "left", white, { bold: true });
  write(pen, "pushes right", left + side - 8, 20, "right", white, { bold: true });
  write(pen, "across: angle, −12° to 12°; up: turning, −115 to 115 °/s", width / 2, side + 18, "center", colors);
  return sheet;
}
