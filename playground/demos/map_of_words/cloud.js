// The map: each word a point, some of them named, in the plane or in space, which turns as it is drawn over or by the arrow keys.

const EDGE = 44; // around the points, so that names have room
const REACH = 16; // how far from a point a click may be
const TURN = 0.01; // radians a pixel
const KEYS = { ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, -0.15], ArrowDown: [0, 0.15] };
const GREY = [154, 150, 142];
const ENDS = { light: [[61, 90, 128], [217, 106, 20]], dark: [[143, 173, 211], [232, 115, 26]] };

// {canvas, show(state), paint(canvas)}: a click tells onPick the number of the nearest point.
//
// state: {points, dims, there (which points there are), names (of all), values (-1 to 1, or null), chosen, near, signposts, axes, label}
export function cloud(height, onPick) {
  const canvas = document.createElement("canvas");
  canvas.className = "map";
  canvas.style.height = `min(${height}px, 95vw)`;
  canvas.setAttribute("role", "img");
  let state = null;
  let [turned, tilted] = [0.6, 0.4];
  let pressed = null;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  // Where all points are, [x, y, depth] by number, in a picture of a size; y downwards.
  function places(wide, high) {
    const { points, dims, there } = state;
    const [ct, st, cp, sp] = [Math.cos(turned), Math.sin(turned), Math.cos(tilted), Math.sin(tilted)];
    const at = (i) => {
      const [x, y, z = 0] = points.subarray(i * dims, (i + 1) * dims);
      if (dims === 2) return [x, y, 0];
      const [across, away] = [ct * x - st * y, st * x + ct * y];
      return [across, cp * z - sp * away, cp * away + sp * z];
    };
    const found = new Map(there.map((i) => [i, at(i)]));
    const all = [...found.values()];
    const range = [0, 1].map((k) => [Math.min(...all.map((p) => p[k])), Math.max(...all.map((p) => p[k]))]);
    const scale = Math.min(...range.map(([low, top], k) => ([wide, high][k] - 2 * EDGE) / (top - low)));
    for (const p of all) {
      p[0] = wide / 2 + (p[0] - (range[0][0] + range[0][1]) / 2) * scale;
      p[1] = high / 2 - (p[1] - (range[1][0] + range[1][1]) / 2) * scale;
    }
    return found;
  }

  const mixed = (value, ends) => {
    const end = ends[value < 0 ? 0 : 1];
    return `rgb(${GREY.map((grey, k) => Math.round(grey + Math.abs(value) * (end[k] - grey))).join()})`;
  };

  function paint(target, wide, high, sharp, ink, family, ends) {
    Object.assign(target, { width: Math.round(wide * sharp), height: Math.round(high * sharp) });
    const pen = target.getContext("2d");
    pen.scale(sharp, sharp);
    const { names, values, chosen, near, signposts, axes, there, dims } = state;
    const at = places(wide, high);
    const dot = (i, radius) => {
      pen.beginPath();
      pen.arc(at.get(i)[0], at.get(i)[1], radius, 0, 7);
      pen.fill();
    };
    pen.globalAlpha = 0.6;
    for (const i of [...there].sort((a, b) => at.get(b)[2] - at.get(a)[2])) {
      pen.fillStyle = mixed(values?.[i] ?? 0, ends);
      dot(i, dims === 3 ? 2 : 2.5);
    }
    const marked = [chosen, ...near].filter((i) => i !== null && at.has(i));
    Object.assign(pen, { textAlign: "center", textBaseline: "middle", globalAlpha: 1 });
    for (const i of [...marked].reverse()) {
      pen.fillStyle = mixed(i === chosen ? 1 : -1, ends);
      dot(i, i === chosen ? 6 : 4);
    }
    // Names are written where there is room: over, under or beside their points; one that has none is left out.
    const taken = [];
    function write(i, places) {
      const [x, y] = at.get(i);
      const half = pen.measureText(names[i]).width / 2 + 2;
      const free = ([left, top]) => !taken.some(([l, t, h]) => Math.abs(l - left) < h + half && Math.abs(t - top) < 14);
      const spots = places.map(([dx, dy]) => [x + dx * (half + 8), y + dy]);
      const spot = spots.find(free) ?? (i === chosen ? spots[0] : null);
      if (!spot) return;
      taken.push([...spot, half]);
      pen.fillText(names[i], ...spot);
    }
    Object.assign(pen, { fillStyle: ink, font: `bold 14px ${family}` });
    for (const i of marked) write(i, [[0, -13], [0, 13], [1, 0], [-1, 0]]); // prettier-ignore
    Object.assign(pen, { font: `12px ${family}`, globalAlpha: 0.75 });
    for (const i of signposts) if (!marked.includes(i)) write(i, [[0, 0]]);
    pen.font = `12px ${family}`;
    pen.globalAlpha = 0.75;
    pen.fillText(axes[0], wide / 2, high - 10);
    pen.rotate(-Math.PI / 2);
    pen.fillText(axes[1], -high / 2, 10);
    return at;
  }

  let seen = new Map();
  function draw() {
    if (!state || !canvas.clientWidth) return;
    const style = getComputedStyle(canvas);
    seen = paint(canvas, canvas.clientWidth, canvas.clientHeight, window.devicePixelRatio || 1, style.color, style.fontFamily, ENDS[dark.matches ? "dark" : "light"]);
  }

  // The number of the nearest point to a place on the canvas, or -1 where none is near.
  function nearest({ offsetX, offsetY }) {
    let [closest, far] = [-1, REACH];
    for (const [i, [x, y]] of seen) {
      const apart = Math.hypot(x - offsetX, y - offsetY);
      if (apart < far) [closest, far] = [i, apart];
    }
    return closest;
  }

  function turn(across, down) {
    turned += across;
    tilted = Math.max(-1.5, Math.min(1.5, tilted + down));
    draw();
  }

  canvas.onpointerdown = (event) => (pressed = { x: event.clientX, y: event.clientY, moved: false });
  canvas.onpointermove = (event) => {
    if (pressed && state?.dims === 3 && event.buttons) {
      const [dx, dy] = [event.clientX - pressed.x, event.clientY - pressed.y];
      if (Math.hypot(dx, dy) < 4 && !pressed.moved) return;
      pressed = { x: event.clientX, y: event.clientY, moved: true };
      return turn(dx * TURN, dy * TURN);
    }
    const at = nearest(event);
    canvas.title = at < 0 ? "" : state.names[at];
    canvas.style.cursor = at < 0 ? "" : "pointer";
  };
  canvas.onclick = (event) => {
    if (!pressed?.moved && nearest(event) >= 0) onPick(nearest(event));
  };
  canvas.onkeydown = (event) => {
    if (state?.dims !== 3 || !KEYS[event.key]) return;
    event.preventDefault();
    turn(...KEYS[event.key]);
  };
  new ResizeObserver(draw).observe(canvas);
  dark.addEventListener("change", draw);

  return {
    canvas,
    show(next) {
      state = next;
      canvas.tabIndex = state.dims === 3 ? 0 : -1;
      canvas.style.touchAction = state.dims === 3 ? "pan-x" : "";
      canvas.setAttribute("aria-label", state.label);
      draw();
    },
    // The map on a canvas of its own, in ink for white paper.
    picture() {
      const paper = document.createElement("canvas");
      paint(paper, 960, 720, 1, "#1b1b1f", getComputedStyle(canvas).fontFamily, ENDS.light);
      return paper;
    },
  };
}
