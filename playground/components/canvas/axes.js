// The pad's axes: the line that each figure is mirrored in, with a grip at its head and one at its tail.
//
//   const axes = handles(sheet, {moved(axes, done, lines), enabled()})
//   axes.show(lines)    [x0, y0, x1, y1, set] each, from head to tail in 0..255; set is 1 where the person set it
//
// moved() gets the lines that the person has set, and all of them, while a grip is dragged and at its end. A grip is dragged, or turned about the
// middle by the arrow keys; Delete gives the axis back to the host.

import { SIDE, clamp } from "./strokes.js";

const ENDS = ["head", "tail"];
const TURN = Math.PI / 90; // of an arrow key

const turned = ([x0, y0, x1, y1], angle) => {
  const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
  const [dx, dy] = [(x0 - x1) / 2, (y0 - y1) / 2];
  const [across, up] = [dx * Math.cos(angle) - dy * Math.sin(angle), dx * Math.sin(angle) + dy * Math.cos(angle)];
  return [x + across, y + up, x - across, y - up];
};
const degrees = ([x0, y0, x1, y1]) => Math.round((Math.atan2(x0 - x1, y1 - y0) * 180) / Math.PI);

export function handles(sheet, { moved, enabled }) {
  const layer = document.createElement("div");
  layer.className = "zoo-pad-axes";
  sheet.append(layer);
  let lines = [];
  let dragged = null; // {figure, end, pointer}

  const setLines = () => lines.filter((line) => line[4]).map((line) => line.slice(0, 4).map(clamp));

  function change(figure, line, done) {
    lines = lines.map((old, i) => (i === figure ? [...line, 1] : old));
    place();
    moved(setLines(), done, lines);
  }

  function grip(figure, end) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `zoo-pad-grip zoo-pad-${ENDS[end]}`;
    button.setAttribute("role", "slider");
    button.setAttribute("aria-valuemin", -180);
    button.setAttribute("aria-valuemax", 180);
    button.title = "Drag to turn the axis (arrow keys; Delete finds it again)";
    button.onpointerdown = (event) => {
      event.stopPropagation();
      if (!enabled() || event.button !== 0) return;
      button.setPointerCapture(event.pointerId);
      dragged = { figure, end, pointer: event.pointerId };
    };
    button.onpointermove = (event) => {
      if (dragged?.pointer !== event.pointerId) return;
      const box = sheet.getBoundingClientRect();
      const at = [((event.clientX - box.left) / box.width) * SIDE, ((event.clientY - box.top) / box.height) * SIDE];
      const line = lines[figure].slice(0, 4);
      line.splice(2 * end, 2, ...at);
      if (Math.hypot(line[0] - line[2], line[1] - line[3]) > 8) change(figure, line, false);
    };
    button.onpointerup = button.onpointercancel = (event) => {
      if (dragged?.pointer !== event.pointerId) return;
      dragged = null;
      moved(setLines(), true, lines);
    };
    button.onkeydown = (event) => {
      if (!enabled()) return;
      const way = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
      if (way) change(figure, turned(lines[figure], way * TURN * (event.shiftKey ? 5 : 1)), true);
      else if (event.key === "Delete") {
        lines = lines.map((line, i) => (i === figure ? [...line.slice(0, 4), 0] : line));
        moved(setLines(), true, lines);
      } else return;
      event.preventDefault();
      event.stopPropagation();
    };
    return button;
  }

  function place() {
    while (layer.children.length > 3 * lines.length) layer.lastChild.remove();
    for (let i = layer.children.length / 3; i < lines.length; i++) {
      const stem = document.createElement("div");
      stem.className = "zoo-pad-stem";
      layer.append(stem, grip(i, 0), grip(i, 1));
    }
    lines.forEach((line, i) => {
      const [stem, ...grips] = [0, 1, 2].map((k) => layer.children[3 * i + k]);
      const [x0, y0, x1, y1] = line.map((value) => (100 * value) / SIDE);
      stem.style.cssText = `left:${x0}%;top:${y0}%;width:${Math.hypot(x1 - x0, y1 - y0)}%;rotate:${Math.atan2(y1 - y0, x1 - x0)}rad`;
      stem.classList.toggle("zoo-pad-set", line[4] === 1);
      grips.forEach((button, end) => {
        // Ends lie where the axis leaves the figure: the grips stand a little outside of it.
        const [x, y] = end ? [x1 + (x1 - x0) * 0.06, y1 + (y1 - y0) * 0.06] : [x0 + (x0 - x1) * 0.06, y0 + (y0 - y1) * 0.06];
        button.style.left = `${Math.min(97, Math.max(3, x))}%`;
        button.style.top = `${Math.min(97, Math.max(3, y))}%`;
        button.setAttribute("aria-label", `Axis of butterfly ${i + 1}: ${ENDS[end]}`);
        button.setAttribute("aria-valuenow", degrees(line));
        button.setAttribute("aria-valuetext", `head ${degrees(line)} degrees from up${line[4] ? ", set by hand" : ""}`);
      });
    });
  }

  function show(given) {
    if (dragged) return; // whoever drags is right
    lines = given;
    place();
  }

  return { show };
}
