// A square pad for freehand drawings, the same for every host (Streamlit, Gradio, a static page).
//
//   const pad = mount(element, {strokes, width, seq, label, disabled, size, tools, mirror, axes, lines}, onChange)
//   pad.update(state)    the host's answer, or its wish to change something
//   pad.destroy()
//
// A drawing is a list of strokes, each a flat list of integers [x0, y0, x1, y1, ...] in 0..255;
// the pen's `width` is in the same units. The pad calls onChange({strokes, seq}) while the person
// draws, and keeps quiet until the host has answered with update({seq}): a slow host sees fewer
// drawings, never a queue of them.
//
// With `tools` (fixed when mounted) the pad has a pen that smooths, an eraser, bending, moving, a mirror
// and redo, and calls onChange({strokes, mirror, seq}). `mirror` (on at first) shows every stroke with its
// reflection x -> 255 - x; strokes hold only what the person drew, and the host reflects them.
//
// With `axes` besides (given when mounted: lines [x0, y0, x1, y1] that the person has set) the pad shows the host's `lines` with grips
// while it does not mirror (axes.js), and calls onChange({strokes, mirror, axes, seq}).

import { handles } from "./axes.js";
import { REACH, SIDE, bend, clamp, curve, erase, gap, move, reflect, smooth, steady } from "./strokes.js";

const MIN_STEP = 2; // points closer than this add bytes, not shape
const MAX_STROKES = 64;
const MAX_POINTS = 2000;
const LEVELS = 100; // of undo
const PATIENCE = 5000; // ms without an answer after which it counts as lost
const RETRIES = 3; // times the same drawing is sent again; a new stroke starts afresh

const ICON = (d) => `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${d}"/></svg>`;
const TOOLS = {
  pen: {
    label: "Pen",
    title: "Pen: draw (P)",
    held: ["Pen down.", "Pen up."],
    icon: "M4 20l1.2-4.8L16 4.4a2.5 2.5 0 0 1 3.6 3.6L8.8 18.8zM14 6.4l3.6 3.6",
  },
  eraser: {
    label: "Eraser",
    title: "Eraser: rub lines out (E)",
    held: ["Eraser down.", "Eraser up."],
    icon: "M8.5 20 4 15.5a1.5 1.5 0 0 1 0-2L13.5 4a1.5 1.5 0 0 1 2 0L20 8.5a1.5 1.5 0 0 1 0 2L10.5 20zM8.5 9l6.5 6.5M7.5 20H20",
  },
  bend: {
    label: "Bend",
    title: "Bend: pull lines into shape (B)",
    held: ["Holding the lines.", "Let go."],
    icon: "M3 19c5.5 0 5-9 9-9s3.5 9 9 9M12 7V2.5M9.5 5 12 2.5 14.5 5",
  },
  move: {
    label: "Move",
    title: "Move: shift the whole drawing (V)",
    held: ["Holding the drawing.", "Let go."],
    icon: "M12 3v18M3 12h18M9.5 5.5 12 3l2.5 2.5M9.5 18.5 12 21l2.5-2.5M5.5 9.5 3 12l2.5 2.5M18.5 9.5 21 12l-2.5 2.5",
  },
};
const KEYS = { p: "pen", e: "eraser", b: "bend", v: "move" };

const toolbar = (group) => `
  <div class="zoo-pad-bar">
    <fieldset class="zoo-pad-tools" role="radiogroup" aria-label="Tool">
      ${Object.entries(TOOLS)
        .map(
          ([name, { label, title, icon }]) => `<label title="${title}">
            <input type="radio" name="${group}" value="${name}" aria-label="${label}">${ICON(icon)}</label>`,
        )
        .join("")}
    </fieldset>
    <button type="button" class="zoo-pad-mirror" title="Mirror every line in the middle (M)">
      ${ICON("M12 3v2.5M12 9v2M12 14.5v2M12 20v1.5M9 7 3 18h6zM15 7l6 11h-6z")}<span>Mirror</span></button>
  </div>`;

const BEHIND = `
  <path class="zoo-pad-axis" d="M${SIDE / 2} 0V${SIDE}"/>
  <g class="zoo-pad-reflection" transform="matrix(-1 0 0 1 ${SIDE} 0)"></g>`;

const template = (tools) => `
  ${tools ? toolbar(`zoo-pad-${Math.random()}`) : ""}
  <div class="zoo-pad-sheet" role="application" tabindex="0">
    <div class="zoo-pad-under" aria-hidden="true"></div>
    <svg class="zoo-pad-paper" viewBox="0 0 ${SIDE} ${SIDE}" aria-hidden="true">
      ${tools ? BEHIND : ""}
      <g class="zoo-pad-ink"></g>
      ${tools ? '<circle class="zoo-pad-ring"/><circle class="zoo-pad-ring"/>' : ""}
      <path class="zoo-pad-cursor" d="M-9 0H-3M3 0H9M0-9V-3M0 3V9"/>
    </svg>
    <span class="zoo-pad-hint" aria-hidden="true"></span>
  </div>
  <div class="zoo-pad-row">
    <span class="zoo-pad-status" role="status"></span>
    <button type="button" class="zoo-pad-undo" aria-label="Undo" title="Undo the last ${tools ? "change" : "stroke"} (Ctrl+Z)">
      ${ICON("M8 5 4 9l4 4M4 9h10a5 5 0 0 1 0 10H9")}</button>
    ${tools ? `<button type="button" class="zoo-pad-redo" aria-label="Redo" title="Redo (Ctrl+Shift+Z)">
      ${ICON("M16 5l4 4-4 4M20 9H10a5 5 0 0 0 0 10h5")}</button>` : ""}
    <button type="button" class="zoo-pad-clear" aria-label="Clear" title="Clear the pad (Delete)">
      ${ICON("M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5")}</button>
  </div>`;

const copy = (strokes) => strokes.map((stroke) => [...stroke]);
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const fits = (strokes) =>
  strokes.length <= MAX_STROKES && strokes.reduce((sum, stroke) => sum + stroke.length / 2, 0) <= MAX_POINTS;

export function mount(element, state, onChange) {
  const tools = state.tools ?? false;
  const root = document.createElement("div");
  root.className = "zoo-pad";
  root.innerHTML = template(tools);
  element.append(root);
  const part = (name) => root.querySelector(`.zoo-pad-${name}`);
  const [sheet, paper, ink, reflection, cursor] = ["sheet", "paper", "ink", "reflection", "cursor"].map(part);
  const [hint, status, toolset, mirrorButton] = ["hint", "status", "tools", "mirror"].map(part);
  const [undoButton, redoButton, clearButton] = ["undo", "redo", "clear"].map(part);
  const rings = [...root.querySelectorAll(".zoo-pad-ring")];
  const radios = [...root.querySelectorAll("input")];

  const options = { width: 18, label: "draw here", disabled: false, size: 320 };
  let strokes = copy(state.strokes ?? []); // a stroke is never changed in place, so that Undo may keep it
  let mirror = tools && (state.mirror ?? true);
  let axes = tools ? state.axes : undefined; // undefined where the host has none
  let lines = state.lines ?? []; // of the axes, as the host has found them or been told
  let past = []; // drawings that Undo brings back
  let future = []; // drawings that Redo brings back
  let tool = "pen";
  let gesture = null; // what a pointer or the keyboard is doing with the tool
  const fingers = new Set(); // on the sheet; two are the browser's, and draw nothing until all are gone
  let pinched = false;
  let at = [128, 128]; // the keyboard's cursor
  let aim = null; // where the tool's ring is shown
  let seq = state.seq ?? 0;
  let pending = false; // onChange was called and the host has not answered
  let dirty = false; // the pad holds something the host has not been sent
  let tries = 0;
  let timer;

  const drawing = () => (tools ? { strokes, mirror, ...(axes && { axes }) } : { strokes });
  const pointing = () => gesture !== null && gesture.pointer !== null;
  const keyed = () => gesture?.pointer === null;
  const undoable = () => past.length > 0 || (!tools && strokes.length > 0);

  // --- what is seen ---

  // A line to itself makes a single point visible as a round dot.
  const pathData = (stroke) => (tools ? curve(stroke) : `M${stroke[0]} ${stroke[1]}L${stroke.join(" ")}`);

  function fill(group, paths) {
    while (group.childElementCount > paths.length) group.lastChild.remove();
    while (group.childElementCount < paths.length)
      group.append(document.createElementNS("http://www.w3.org/2000/svg", "path"));
    paths.forEach((path, i) => group.children[i].setAttribute("d", path));
    group.setAttribute("stroke-width", options.width);
  }

  function show() {
    const paths = strokes.map(pathData);
    fill(ink, paths);
    if (tools) showTools(paths);
    cursor.setAttribute("transform", `translate(${at})`);
    root.style.setProperty("--pad-size", `${options.size}px`);
    root.classList.toggle("zoo-pad-disabled", options.disabled);
    root.classList.toggle("zoo-pad-pen-down", keyed());
    sheet.tabIndex = options.disabled ? -1 : 0;
    sheet.setAttribute("aria-disabled", options.disabled);
    sheet.setAttribute("aria-label", `Drawing pad: ${options.label}`);
    sheet.setAttribute(
      "aria-description",
      tools
        ? "Arrow keys move the tool, with Shift faster. Space puts it down or up. P is the pen, E the eraser, " +
            "B bends, V moves the drawing, M mirrors. Ctrl+Z undoes, Ctrl+Shift+Z redoes, Delete clears."
        : "Arrow keys move the pen, with Shift faster. Space puts it down or up. Ctrl+Z undoes, Delete clears.",
    );
    hint.textContent = options.label;
    hint.hidden = strokes.length > 0;
    // aria-disabled and not disabled: a button that loses the focus as it is pressed loses the person.
    undoButton.setAttribute("aria-disabled", options.disabled || !undoable());
    redoButton?.setAttribute("aria-disabled", options.disabled || !future.length);
    clearButton.setAttribute("aria-disabled", options.disabled || !strokes.length);
  }

  function showTools(paths) {
    fill(reflection, mirror ? paths : []);
    root.classList.toggle("zoo-pad-mirrored", mirror);
    root.dataset.tool = tool;
    toolset.disabled = options.disabled;
    for (const radio of radios) radio.checked = radio.value === tool;
    mirrorButton.setAttribute("aria-pressed", mirror);
    mirrorButton.setAttribute("aria-disabled", options.disabled);
    grips?.show(mirror || !strokes.length ? [] : lines);
    showRings();
  }

  function showRings() {
    rings.forEach((ring, i) => {
      const [cx, cy] = i ? reflect(aim ?? at) : (aim ?? at);
      const r = aim && !options.disabled && (mirror || i === 0) ? (REACH[tool] ?? 0) : 0;
      for (const [name, value] of Object.entries({ cx, cy, r })) ring.setAttribute(name, value);
    });
  }

  function say(text, { aloud = true } = {}) {
    if (status.textContent !== text) status.textContent = text; // said once, not at every point
    status.classList.toggle("zoo-pad-unseen", !aloud);
  }

  const full = () => say("The pad is full. Undo or clear to go on.");

  // --- what the host is told ---

  function send() {
    if (pending || !dirty) return;
    dirty = false;
    pending = true;
    seq += 1;
    timer = setTimeout(lost, PATIENCE);
    onChange({ ...drawing(), strokes: copy(strokes), seq });
  }

  function lost() {
    pending = false;
    if (tries < RETRIES) dirty = true;
    tries += 1;
    send();
  }

  function changed() {
    dirty = true;
    tries = 0;
    show();
    send();
  }

  // --- what the grips do ---

  let gripped = false; // a grip is being moved: one step to take back
  const grips =
    axes &&
    handles(sheet, {
      enabled: () => !options.disabled,
      moved(given, done, all) {
        lines = all;
        if (!same(given, axes)) {
          if (!gripped) remember();
          axes = given;
          changed();
        }
        gripped = !done;
      },
    });

  // --- what the tools do ---

  // Each gives the strokes as they are with the tool at this point.
  const use = {
    pen(point, { exact }) {
      const moved = gesture.raw.length ? gap(gesture.raw.slice(-2), point) : Infinity;
      if (moved === 0 || (moved < MIN_STEP && !exact)) return strokes;
      const raw = [...gesture.raw, ...point];
      if (fits([...gesture.base, raw])) gesture.raw = raw;
      else full();
      return [...gesture.base, tools ? steady(gesture.raw) : gesture.raw];
    },
    eraser([x, y]) {
      const [x0, y0] = gesture.to;
      const steps = Math.max(1, Math.ceil(gap(gesture.to, [x, y]) / (REACH.eraser / 2)));
      let left = strokes;
      for (let i = 1; i <= steps; i++) {
        const centre = [x0 + ((x - x0) * i) / steps, y0 + ((y - y0) * i) / steps];
        left = erase(left, centre);
        if (mirror) left = erase(left, reflect(centre));
      }
      return left;
    },
    bend: (point) => (gap(gesture.from, point) ? bend(gesture.base, gesture.from, point, mirror) : gesture.base),
    move(point) {
      const whole = move([...gesture.base, ...(gesture.axes ?? [])], gesture.from, point, mirror);
      if (axes) axes = whole.slice(gesture.base.length);
      return whole.slice(0, gesture.base.length);
    },
  };

  // `pointer` is its id, or null for the keyboard.
  function take(point, pointer) {
    if (tool === "pen" && !fits([...strokes, point])) return full();
    say("", { aloud: false });
    gesture = { pointer, from: point, to: point, base: strokes, axes, raw: [], touched: false, past, future };
    drag([point]);
  }

  function drag(trail, { exact = false } = {}) {
    const before = strokes;
    for (const point of trail) {
      const next = use[tool](point, { exact });
      gesture.to = point;
      if (same(next, strokes)) continue;
      if (!fits(next)) {
        full();
        continue;
      }
      if (!gesture.touched) remember();
      gesture.touched = true;
      strokes = next;
    }
    if (strokes !== before) changed();
  }

  function letGo() {
    const { base, raw } = gesture;
    gesture = null;
    const tidy = tools && tool === "pen" ? [...base, smooth(raw)] : strokes;
    if (same(tidy, strokes) || !fits(tidy)) return show();
    strokes = tidy;
    changed();
  }

  function takeBack() {
    const { base, touched } = gesture;
    ({ past, future, axes } = gesture);
    gesture = null;
    strokes = base;
    if (touched) changed();
  }

  function choose(name) {
    if (options.disabled) return;
    if (gesture) letGo();
    tool = name;
    say(`${TOOLS[tool].label}.`, { aloud: false });
    show();
  }

  // --- what can be taken back ---

  function remember({ clearing = false } = {}) {
    // Without tools Undo takes strokes one by one, whoever drew them, and only what Clear took comes back.
    if (tools) past = [...past.slice(1 - LEVELS), drawing()];
    else past = clearing ? [drawing()] : [];
    future = [];
  }

  function restore(text, earlier) {
    gesture = null;
    strokes = earlier.strokes;
    mirror = earlier.mirror ?? mirror;
    axes = earlier.axes ?? axes;
    say(`${text}. Strokes: ${strokes.length}.`, { aloud: false });
    changed();
  }

  function undo() {
    if (options.disabled || !undoable()) return;
    if (tools) future.push(drawing());
    restore("Undone", past.pop() ?? { strokes: strokes.slice(0, -1) });
  }

  function redo() {
    if (options.disabled || !future.length) return;
    past.push(drawing());
    restore("Redone", future.pop());
  }

  function clear() {
    if (options.disabled || !strokes.length) return;
    gesture = null;
    remember({ clearing: true });
    strokes = [];
    axes &&= [];
    say("Cleared.", { aloud: false });
    changed();
  }

  function toggleMirror() {
    if (options.disabled) return;
    if (gesture) letGo();
    remember();
    mirror = !mirror;
    say(`Mirror ${mirror ? "on" : "off"}.`, { aloud: false });
    changed();
  }

  // --- what the person does ---

  function place(event) {
    const box = paper.getBoundingClientRect();
    return [
      clamp(((event.clientX - box.left) / box.width) * SIDE),
      clamp(((event.clientY - box.top) / box.height) * SIDE),
    ];
  }

  function onPointerDown(event) {
    if (event.isPrimary) fingers.clear();
    if (event.pointerType === "touch") fingers.add(event.pointerId);
    pinched = fingers.size > 1 || (pinched && !event.isPrimary);
    if (pinched && pointing()) takeBack();
    if (options.disabled || pinched || pointing() || event.button !== 0) return;
    event.preventDefault(); // no text selection, no drag; so the focus is ours to give
    sheet.focus({ preventScroll: true });
    keys(false);
    if (gesture) letGo();
    aim = place(event); // a finger comes without a move
    showRings();
    take(aim, event.pointerId);
    if (gesture) sheet.setPointerCapture(event.pointerId);
  }

  function onPointerMove(event) {
    if (!gesture || event.pointerId === gesture.pointer) aim = place(event);
    showRings();
    if (event.pointerId !== gesture?.pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    drag((events.length && tool === "pen" ? events : [event]).map(place));
  }

  function onPointerEnd(event) {
    fingers.delete(event.pointerId);
    if (event.pointerId !== gesture?.pointer) return;
    // The end counts even if it is near: it is where the person wanted to stop. (A cancelled
    // pointer and a lost capture come with coordinates of nowhere.)
    if (event.type === "pointerup") drag([place(event)], { exact: true });
    letGo();
  }

  function onPointerLeave() {
    aim = null;
    showRings();
  }

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  function onKeyDown(event) {
    if (options.disabled || event.altKey) return;
    const key = event.key.toLowerCase();
    const command = event.ctrlKey || event.metaKey;
    if (command && tools && (key === "y" || (key === "z" && event.shiftKey))) redo();
    else if (command && key === "z") undo();
    else if (command) return;
    else if (tools && key in KEYS) choose(KEYS[key]);
    else if (tools && key === "m") event.repeat || toggleMirror();
    else if (event.target !== sheet) return; // the toolbar's own keys
    else if (event.key in ARROWS) step(ARROWS[event.key], event.shiftKey ? 16 : 4);
    else if (event.key === " " || event.key === "Enter") event.repeat || toggleHold();
    else if (event.key === "Delete" || event.key === "Escape") clear();
    else return;
    if (event.target === sheet) keys(true);
    event.preventDefault();
    event.stopPropagation();
  }

  function step([dx, dy], by) {
    at = [clamp(at[0] + dx * by), clamp(at[1] + dy * by)];
    if (keyed()) drag([at]);
    show();
  }

  function toggleHold() {
    if (pointing()) return;
    const [down, up] = TOOLS[tool].held;
    if (gesture) {
      letGo();
      say(`${up} Strokes: ${strokes.length}.`, { aloud: false });
    } else {
      take(at, null);
      if (gesture) say(down, { aloud: false });
    }
    show();
  }

  function onBlur() {
    if (keyed()) letGo();
    root.classList.remove("zoo-pad-keys", "zoo-pad-pointing");
    onPointerLeave();
  }

  // The browser shows a focus ring wherever a script gives the focus; one who draws by hand needs none.
  function keys(used) {
    root.classList.toggle("zoo-pad-keys", used);
    root.classList.toggle("zoo-pad-pointing", !used);
    if (!used) return;
    aim = at;
    showRings();
  }

  sheet.addEventListener("pointerdown", onPointerDown);
  sheet.addEventListener("pointermove", onPointerMove);
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"])
    sheet.addEventListener(end, onPointerEnd);
  sheet.addEventListener("pointerleave", onPointerLeave);
  sheet.addEventListener("blur", onBlur);
  root.addEventListener("keydown", onKeyDown);
  toolset?.addEventListener("change", (event) => choose(event.target.value));
  mirrorButton?.addEventListener("click", toggleMirror);
  undoButton.addEventListener("click", undo);
  redoButton?.addEventListener("click", redo);
  clearButton.addEventListener("click", clear);

  // --- what the host says ---

  function update(next) {
    for (const name of Object.keys(options)) options[name] = next[name] ?? options[name];
    if (options.disabled) gesture = null;
    if (pending && next.seq >= seq) {
      clearTimeout(timer);
      pending = false;
      tries = 0;
    }
    // Whoever draws is right: a drawing from the host may be older than the one on the pad. It is
    // taken over (restored, shared, reset) only when nothing of the person's is under way.
    const wish = next.seq == null; // no answer, so it cannot be an old one
    const idle = !gesture && !dirty && (wish || (!pending && next.seq >= seq));
    const given = {
      strokes: next.strokes ?? strokes,
      ...(tools && { mirror: next.mirror ?? mirror, ...(axes && { axes: next.axes ?? axes }) }),
    };
    lines = next.lines ?? lines;
    if (idle && !same(given, drawing())) {
      remember();
      strokes = copy(given.strokes);
      mirror = given.mirror ?? mirror;
      axes = given.axes;
      say("", { aloud: false });
      if (wish && pending) {
        clearTimeout(timer);
        pending = false;
        seq += 1; // the answer still to come is about the drawing before
      }
    }
    seq = Math.max(seq, next.seq ?? 0);
    show();
    send();
  }

  function destroy() {
    clearTimeout(timer);
    pending = true; // a pad that is gone sends nothing
    root.remove();
  }

  update({ ...state, strokes: undefined, mirror: undefined });
  return { update, destroy };
}
