// The map of encoded digits: each a point in its label's colour, the label in the middle of its points, one ringed.

const HEIGHT = 380; // CSS pixels, as the app's
const EDGE = 12; // around the points, so that the ring is whole
const REACH = 24; // how far from a point a click may be

const median = (numbers) => {
  const [sorted, middle] = [Float32Array.from(numbers).sort(), (numbers.length - 1) / 2];
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
};

// {canvas, show(points, labels, chosen)}: points x, y, x, y, ...; a click tells onPick the number of the nearest.
export function cloud(colors, onPick) {
  const canvas = document.createElement("canvas");
  canvas.className = "map";
  canvas.style.height = `${HEIGHT}px`;
  canvas.setAttribute("role", "img");
  let [points, labels, chosen] = [new Float32Array(), [], 0];
  let range = null; // [low, high] of x and of y

  const count = () => points.length / 2;
  const column = (k) => Array.from({ length: count() }, (_, i) => points[2 * i + k]);

  // Where point (x, y) of the map is on the canvas: both ways to the same scale, y upwards.
  function place(x, y) {
    const size = [canvas.clientWidth, HEIGHT];
    const scale = Math.min(...range.map(([low, high], k) => (size[k] - 2 * EDGE) / (high - low)));
    const [dx, dy] = [x, y].map((value, k) => (value - (range[k][0] + range[k][1]) / 2) * scale);
    return [size[0] / 2 + dx, size[1] / 2 - dy];
  }

  function draw() {
    if (!range || !canvas.clientWidth) return;
    const sharp = window.devicePixelRatio || 1;
    Object.assign(canvas, { width: Math.round(canvas.clientWidth * sharp), height: Math.round(HEIGHT * sharp) });
    const pen = canvas.getContext("2d");
    pen.scale(sharp, sharp);
    const style = getComputedStyle(canvas);
    const dot = (at, radius) => {
      pen.beginPath();
      pen.arc(...place(points[2 * at], points[2 * at + 1]), radius, 0, 7);
    };
    pen.globalAlpha = 0.75;
    for (let i = 0; i < count(); i++) {
      pen.fillStyle = colors[labels[i]];
      dot(i, 2.5);
      pen.fill();
    }
    pen.globalAlpha = 1;
    Object.assign(pen, { fillStyle: style.color, font: `bold 18px ${style.fontFamily}`, textAlign: "center", textBaseline: "middle" });
    for (const label of colors.keys()) {
      const own = [0, 1].map((k) => median(column(k).filter((_, i) => labels[i] === label)));
      pen.fillText(label, ...place(...own));
    }
    Object.assign(pen, { strokeStyle: style.getPropertyValue("--color-accent"), lineWidth: 3 });
    dot(chosen, 8);
    pen.stroke();
  }

  // The number of the nearest point to a place on the canvas, or -1 where none is near.
  function nearest({ offsetX, offsetY }) {
    const far = Array.from({ length: range ? count() : 0 }, (_, i) => {
      const [x, y] = place(points[2 * i], points[2 * i + 1]);
      return Math.hypot(x - offsetX, y - offsetY);
    });
    const closest = Math.min(...far);
    return closest <= REACH ? far.indexOf(closest) : -1;
  }

  canvas.onclick = (event) => nearest(event) >= 0 && onPick(nearest(event));
  canvas.onpointermove = (event) => {
    const at = nearest(event);
    canvas.title = at < 0 ? "" : `a ${labels[at]}, number ${at}`;
    canvas.style.cursor = at < 0 ? "" : "pointer";
  };
  new ResizeObserver(draw).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);

  return {
    canvas,
    show(...next) {
      [points, labels, chosen] = next;
      range = [0, 1].map((k) => [Math.min(...column(k)), Math.max(...column(k))]);
      canvas.setAttribute("aria-label", `Map of ${count()} encoded test digits; number ${chosen}, a ${labels[chosen]}, is ringed`);
      draw();
    },
  };
}
