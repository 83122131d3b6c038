// A film of a plane, the same for every host: at each moment a map of which class is how likely where, points on top, curves beside.
//
//   const view = mount(element, film, onChange)
//   view.update(film)     the host's wish to show something else; {} shows nothing
//   view.destroy()
//
// `film` is made by `film()` in __init__.py. Where points may be placed, onChange({points: [[x, y, class], ...]}) tells all that are
// there, whole numbers from 0 to `levels`; the host answers with the film of what was learned from them.

const PACE = 12; // moments a second
const SPEEDS = [0.25, 1, 3];
const PATIENCE = 500; // ms after the last point until the host is told
const REACH = 16; // CSS pixels around a point that erase it
const EDGE = 26; // CSS pixels for the axes
const PAINTS = {
  light: [[61, 90, 128], [232, 115, 26], [62, 142, 98]],
  dark: [[143, 173, 211], [232, 115, 26], [108, 190, 145]],
};
const PAINT_NAMES = ["slate", "orange", "green"];

const TEMPLATE = `
  <div class="zoo-reel-main">
    <div class="zoo-reel-bar zoo-reel-tools">
      ${PAINT_NAMES.map((name, kind) => `<button type="button" data-kind="${kind}" aria-label="Place ${name} points"><i></i></button>`).join("")}
      <button type="button" data-kind="erase">Erase</button>
      <button type="button" data-do="clear">Clear</button>
    </div>
    <canvas class="zoo-reel-map" tabindex="0" role="img"></canvas>
    <div class="zoo-reel-bar">
      <button type="button" data-do="play"></button>
      <button type="button" data-do="back" aria-label="One moment back">‹</button>
      <button type="button" data-do="forth" aria-label="One moment on">›</button>
      <input type="range" class="zoo-reel-time" min="0" step="1" aria-label="Moment of the training">
    </div>
  </div>
  <div class="zoo-reel-side">
    <p class="zoo-reel-title"></p>
    <canvas class="zoo-reel-curves" role="img"></canvas>
    <div class="zoo-reel-bar">
      ${SPEEDS.map((speed) => `<button type="button" data-speed="${speed}">${speed === 0.25 ? "¼" : speed} ×</button>`).join("")}
    </div>
    <p class="zoo-reel-note" role="status"></p>
  </div>`;

export function mount(element, film, onChange) {
  const root = document.createElement("div");
  root.className = "zoo-reel";
  root.innerHTML = TEMPLATE;
  element.append(root);
  const part = (name) => root.querySelector(`.zoo-reel-${name}`);
  const [map, curves, slider, title, note, tools] = ["map", "curves", "time", "title", "note", "tools"].map(part);
  const events = new AbortController();
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const tile = document.createElement("canvas"); // the map, a pixel each

  let given = {};
  let values = new Uint8Array();
  let placed = []; // [x, y, class] in levels
  let sent = []; // what the host was told and has not answered, as text, the last told last
  let timer;
  let kind = 0; // class to place, or "erase"
  let cursor = null; // [x, y] in levels, of a person without a pointer
  let speed = 1;
  let time = 0; // moment, with fractions
  let playing = false;
  let colors = {};
  let frame;
  let last = null; // time of the last frame, ms

  const end = () => given.moments - 1;
  const now = () => Math.round(time);
  const ready = () => Boolean(given.maps);

  // --- what happens ---

  function press(what) {
    if (what === "play") {
      if (!playing && time >= end()) time = 0;
      playing = !playing;
    } else if (what === "back" || what === "forth") {
      playing = false;
      time = Math.max(0, Math.min(end(), what === "forth" ? Math.floor(time) + 1 : Math.ceil(time) - 1));
    } else if (what === "clear") change([]);
    wake();
  }

  function change(points) {
    placed = points;
    note.textContent = "";
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = undefined;
      sent.push(JSON.stringify(placed));
      onChange({ points: placed });
    }, PATIENCE);
    wake();
  }

  const toLevel = (share) => Math.max(0, Math.min(given.places.levels, Math.round(share * given.places.levels)));
  const toPlane = (level) => (2 * level / given.places.levels - 1) * given.span;
  const fromPlane = (value) => toLevel((value / given.span + 1) / 2);

  function touch(x, y) {
    if (kind === "erase") {
      const scale = field().size / given.places.levels;
      const far = placed.map(([px, py]) => Math.hypot(px - x, py - y) * scale);
      const nearest = far.indexOf(Math.min(...far));
      if (far[nearest] <= REACH) change(placed.filter((_, i) => i !== nearest));
    } else if (placed.length < given.places.most) change([...placed, [x, y, kind]]);
    else note.textContent = `${given.places.most} points are the most: erase some.`;
  }

  // --- what is seen ---

  function readColors() {
    const style = getComputedStyle(root);
    const [r, g, b] = style.color.match(/[\d.]+/g).map(Number);
    const dark = 0.3 * r + 0.6 * g + 0.1 * b > 128; // light ink is on a dark ground
    colors = { ink: style.color, font: style.fontFamily, paints: PAINTS[dark ? "dark" : "light"] };
    for (const swatch of root.querySelectorAll("[data-kind] i"))
      swatch.style.background = paint(swatch.parentElement.dataset.kind);
  }

  const paint = (which) => `rgb(${colors.paints[which].join(" ")})`;

  // A canvas as sharp as the screen, cleared; the context counts CSS pixels.
  function sheet(canvas, width, height) {
    const sharp = window.devicePixelRatio || 1;
    const [w, h] = [Math.round(width * sharp), Math.round(height * sharp)];
    if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
    canvas.style.height = `${height}px`;
    const pen = canvas.getContext("2d");
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    pen.clearRect(0, 0, width, height);
    Object.assign(pen, { font: `13px ${colors.font}`, fillStyle: colors.ink, strokeStyle: colors.ink, lineWidth: 1 });
    return pen;
  }

  // Where the plane lies on the map's canvas.
  const field = () => ({ left: EDGE, top: 4, size: map.clientWidth - EDGE - 4 });

  function drawTile() {
    const { side, classes } = given;
    const others = classes - 1;
    const size = side * side * others;
    const [one, two] = [Math.floor(time), Math.min(end(), Math.floor(time) + 1)];
    const share = time - one;
    Object.assign(tile, { width: side, height: side });
    const pen = tile.getContext("2d");
    const image = pen.createImageData(side, side);
    for (let i = 0; i < side * side; i++) {
      let [rest, most] = [255, 0];
      const mix = [0, 0, 0];
      for (let k = others; k >= 0; k--) {
        let p = rest; // of class 0, which is what is left
        if (k) {
          const at = i * others + k - 1;
          p = values[one * size + at] * (1 - share) + values[two * size + at] * share;
          rest -= p;
        }
        most = Math.max(most, p);
        for (let c = 0; c < 3; c++) mix[c] += (p / 255) * colors.paints[k][c];
      }
      const sure = (most / 255 - 1 / classes) / (1 - 1 / classes);
      image.data.set([...mix, 255 * 0.62 * Math.max(0, sure)], 4 * i);
    }
    pen.putImageData(image, 0, 0);
  }

  function drawMap() {
    const { left, top, size } = field();
    const pen = sheet(map, map.clientWidth, size + top + EDGE);
    drawTile();
    pen.save();
    pen.beginPath();
    pen.rect(left, top, size, size);
    pen.clip();
    pen.imageSmoothingQuality = "high";
    pen.drawImage(tile, left, top, size, size);
    const x = (value) => left + ((value / given.span + 1) / 2) * size;
    const y = (value) => top + ((1 - value / given.span) / 2) * size;
    const radius = given.places ? 5.5 : Math.max(3.5, size / 90);
    const shown = given.places ? placed.map(([px, py, k]) => [toPlane(px), toPlane(py), k, false]) : given.points;
    for (const [px, py, k, hollow] of shown) {
      pen.beginPath();
      if (k === 2) pen.rect(x(px) - radius, y(py) - radius, 2 * radius, 2 * radius);
      else pen.arc(x(px), y(py), radius, 0, 7);
      pen.fillStyle = hollow ? colors.paper : paint(k);
      pen.strokeStyle = hollow ? paint(k) : colors.paper;
      pen.lineWidth = hollow ? 2 : 1;
      pen.fill();
      pen.stroke();
    }
    if (given.places && !shown.length) {
      Object.assign(pen, { fillStyle: colors.ink, textAlign: "center", font: `16px ${colors.font}` });
      pen.fillText("Tap to place points", left + size / 2, top + size / 2);
    }
    if (cursor) {
      const [cx, cy] = [x(toPlane(cursor[0])), y(toPlane(cursor[1]))];
      Object.assign(pen, { strokeStyle: colors.ink, lineWidth: 1.5 });
      pen.beginPath();
      for (const [dx, dy] of [[12, 0], [0, 12]]) {
        pen.moveTo(cx - dx, cy - dy);
        pen.lineTo(cx + dx, cy + dy);
      }
      pen.stroke();
    }
    pen.restore();
    pen.globalAlpha = 0.35;
    pen.strokeRect(left, top, size, size);
    pen.globalAlpha = 0.8;
    for (const tick of [-1, 0, 1]) {
      pen.textAlign = "center";
      pen.fillText(String(tick).replace("-", "−"), x(tick), top + size + 16);
      pen.textAlign = "right";
      pen.fillText(String(tick).replace("-", "−"), left - 5, y(tick) + 4);
    }
    pen.globalAlpha = 1;
    map.setAttribute("aria-label", `Map of which class the network expects where, with ${shown.length} points. ${given.titles[now()]}`);
  }

  function drawCurves() {
    const [width, height] = [curves.clientWidth, root.hasAttribute("data-wide") ? 220 : 130];
    const pen = sheet(curves, width, height);
    const lines = width < 240 ? 2 : 1; // of names
    const [left, right, top, bottom] = [36, width - 8, 6 + 16 * lines, height - 34];
    const known = given.curves.flatMap(([, line]) => line).filter((value) => value !== null);
    const high = Math.max(...known, 1e-6);
    const x = (i) => left + (end() ? i / end() : 0) * (right - left);
    const y = (value) => bottom - (value / high) * (bottom - top);
    pen.globalAlpha = 0.35;
    pen.beginPath();
    pen.moveTo(left, top);
    pen.lineTo(left, bottom);
    pen.lineTo(right, bottom);
    pen.stroke();
    pen.globalAlpha = 0.8;
    pen.textAlign = "right";
    pen.fillText(high >= 10 ? high.toFixed(0) : high.toFixed(1), left - 5, top + 5);
    pen.fillText("0", left - 5, bottom + 4);
    for (const share of end() ? [0, 0.5, 1] : [0]) {
      const i = Math.round(share * end());
      pen.textAlign = ["left", "center", "right"][2 * share];
      pen.fillText(given.ticks[i], x(i), bottom + 15);
    }
    pen.textAlign = "center";
    pen.fillText(given.names[1], (left + right) / 2, height - 4);
    pen.globalAlpha = 1;
    let at = left + 4;
    given.curves.forEach(([name, line], which) => {
      const color = paint(1 - which);
      Object.assign(pen, { strokeStyle: color, fillStyle: color, lineWidth: 2, textAlign: "left" });
      for (const [until, alpha] of [[end(), 0.3], [time, 1]]) {
        pen.globalAlpha = alpha;
        pen.beginPath();
        line.forEach((value, i) => value !== null && i <= until && pen.lineTo(x(i), y(value)));
        pen.stroke();
      }
      const said = which ? name : `${given.names[0]}: ${name}`;
      pen.fillText(said, lines > 1 ? left + 4 : at, lines > 1 ? 12 + 16 * which : 12);
      at += pen.measureText(said).width + 14;
      if (line[now()] === null) return;
      pen.beginPath();
      pen.arc(x(time), y(line[now()]), 4, 0, 7);
      pen.fill();
    });
    curves.setAttribute("aria-label", `Curves of ${given.names[0]} by ${given.names[1]}: ${given.curves.map(([name]) => name).join(", ")}`);
  }

  function draw() {
    if (!ready() || !map.clientWidth) return;
    root.toggleAttribute("data-wide", root.clientWidth >= 480);
    colors.paper = getComputedStyle(root).getPropertyValue("--reel-paper").trim();
    drawMap();
    drawCurves();
    const said = given.titles[now()];
    if (title.textContent !== said) title.textContent = said;
    slider.value = now();
    slider.setAttribute("aria-valuetext", said);
    const button = root.querySelector("[data-do=play]");
    const name = playing ? "Pause" : "Play";
    if (button.textContent !== name) button.textContent = name;
  }

  function tick(moment) {
    frame = undefined;
    const passed = last === null ? 0 : Math.min(0.1, (moment - last) / 1000);
    last = moment;
    if (playing) {
      time = Math.min(end(), time + passed * speed * PACE);
      if (time >= end()) playing = false;
    }
    draw();
    if (playing) frame = requestAnimationFrame(tick);
    else last = null;
  }

  // Draws once, and goes on while something moves.
  function wake() {
    frame ??= requestAnimationFrame(tick);
  }

  function mark() {
    for (const button of root.querySelectorAll("[data-speed]"))
      button.setAttribute("aria-pressed", Number(button.dataset.speed) === speed);
    for (const button of root.querySelectorAll("[data-kind]"))
      button.setAttribute("aria-pressed", button.dataset.kind === String(kind));
  }

  // --- the person ---

  const on = (target, name, listener) => target.addEventListener(name, listener, { signal: events.signal });
  on(root, "click", ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    if (button.dataset.do) press(button.dataset.do);
    if (button.dataset.speed) speed = Number(button.dataset.speed);
    if (button.dataset.kind) kind = button.dataset.kind === "erase" ? "erase" : Number(button.dataset.kind);
    mark();
  });
  on(slider, "input", () => {
    playing = false;
    time = Number(slider.value);
    wake();
  });
  on(map, "click", ({ offsetX, offsetY }) => {
    if (!given.places) return;
    const { left, top, size } = field();
    const [x, y] = [(offsetX - left) / size, 1 - (offsetY - top) / size];
    cursor = null;
    if (x >= 0 && x <= 1 && y >= 0 && y <= 1) touch(toLevel(x), toLevel(y));
  });
  on(map, "keydown", (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }[event.key];
    if (event.key === " ") press("play");
    else if (given.places && way) {
      const step = event.shiftKey ? 1 : 6;
      const most = given.places.levels;
      cursor = (cursor ?? [most / 2, most / 2]).map((level, i) => Math.round(Math.max(0, Math.min(most, level + step * way[i]))));
    } else if (given.places && event.key === "Enter" && cursor) touch(...cursor);
    else if (way?.[0]) press(way[0] > 0 ? "forth" : "back");
    else return;
    event.preventDefault();
    wake();
  });
  on(map, "blur", () => {
    cursor = null;
    wake();
  });

  const resized = new ResizeObserver(() => wake());
  resized.observe(root);
  const themed = new MutationObserver(() => {
    readColors();
    wake();
  });
  for (const target of [document.documentElement, document.body])
    themed.observe(target, { attributeFilter: ["class", "style", "data-theme"] });

  // The host's points, unless the person has placed others since: then its answer to those is under way.
  function takePoints() {
    const theirs = given.points.map(([x, y, which]) => [fromPlane(x), fromPlane(y), which]);
    const text = JSON.stringify(theirs);
    const told = sent.lastIndexOf(text);
    const overtaken = timer !== undefined || (told >= 0 && told < sent.length - 1);
    if (overtaken) return;
    sent = [];
    placed = theirs;
  }

  function update(next) {
    const fresh = ready() && next.maps === given.maps && next.moments === given.moments ? false : Boolean(next.maps);
    given = next;
    root.hidden = !ready();
    if (!ready()) {
      playing = false;
      return;
    }
    readColors();
    tools.hidden = !given.places;
    root.toggleAttribute("data-places", Boolean(given.places));
    if (given.places) takePoints();
    else {
      cursor = null;
      sent = [];
      clearTimeout(timer);
      timer = undefined;
    }
    if (fresh) {
      values = Uint8Array.from(atob(given.maps), (c) => c.charCodeAt(0));
      slider.max = end();
      time = calm ? end() : 0;
      playing = !calm && end() > 0;
      const hollow = given.points.some((point) => point[3]);
      note.textContent = hollow ? `Hollow points are ${given.names[2]}.` : "";
    }
    mark();
    wake();
  }

  update(film);
  return {
    update,
    destroy() {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      events.abort();
      resized.disconnect();
      themed.disconnect();
      root.remove();
    },
  };
}
