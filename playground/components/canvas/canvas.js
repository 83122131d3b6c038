// A square pad for freehand drawings, the same for every host (Streamlit, Gradio, a static page).
//
//   const pad = mount(element, {strokes, width, seq, label, disabled, size}, onChange)
//   pad.update(state)    the host's answer, or its wish to change something
//   pad.destroy()
//
// A drawing is a list of strokes, each a flat list of integers [x0, y0, x1, y1, ...] in 0..255;
// the pen's `width` is in the same units. The pad calls onChange({strokes, seq}) while the person
// draws, and keeps quiet until the host has answered with update({seq}): a slow host sees fewer
// drawings, never a queue of them. update({seq, busy: true}) means "received, still at work".

const SIDE = 255;
const MIN_STEP = 2; // points closer than this add bytes, not shape
const MAX_STROKES = 64;
const MAX_POINTS = 2000;
const PATIENCE = 5000; // ms without an answer after which it counts as lost
const RETRIES = 3; // times the same drawing is sent again; a new stroke starts afresh

const ICON = (d) => `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${d}"/></svg>`;
const TEMPLATE = `
  <div class="zoo-pad-sheet" role="application" tabindex="0">
    <svg class="zoo-pad-paper" viewBox="0 0 ${SIDE} ${SIDE}" aria-hidden="true">
      <g class="zoo-pad-ink"></g>
      <path class="zoo-pad-cursor" d="M-9 0H-3M3 0H9M0-9V-3M0 3V9"/>
    </svg>
    <span class="zoo-pad-hint" aria-hidden="true"></span>
  </div>
  <div class="zoo-pad-row">
    <span class="zoo-pad-status" role="status"></span>
    <button type="button" class="zoo-pad-undo" aria-label="Undo" title="Undo the last stroke (Ctrl+Z)">
      ${ICON("M8 5 4 9l4 4M4 9h10a5 5 0 0 1 0 10H9")}</button>
    <button type="button" class="zoo-pad-clear" aria-label="Clear" title="Clear the pad (Delete)">
      ${ICON("M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5")}</button>
  </div>`;

const copy = (strokes) => strokes.map((stroke) => [...stroke]);
const clamp = (value) => Math.min(SIDE, Math.max(0, Math.round(value)));

export function mount(element, state, onChange) {
  const root = document.createElement("div");
  root.className = "zoo-pad";
  root.innerHTML = TEMPLATE;
  element.append(root);
  const part = (name) => root.querySelector(`.zoo-pad-${name}`);
  const [sheet, paper, ink, cursor] = ["sheet", "paper", "ink", "cursor"].map(part);
  const [hint, status, undoButton, clearButton] = ["hint", "status", "undo", "clear"].map(part);

  const options = { width: 18, label: "draw here", disabled: false, size: 320 };
  let strokes = copy(state.strokes ?? []);
  let cleared = null; // what Clear took away, until the next stroke: Undo brings it back
  let pointer = null; // id of the pointer that draws
  let penDown = false; // the keyboard's pen
  let at = [128, 128]; // the keyboard's cursor
  let seq = state.seq ?? 0;
  let pending = false; // onChange was called and the host has not answered
  let dirty = false; // the pad holds something the host has not been sent
  let tries = 0;
  let timer;

  const drawing = () => pointer !== null || penDown;
  const points = () => strokes.reduce((sum, stroke) => sum + stroke.length / 2, 0);

  // --- what is seen ---

  function pathData(stroke) {
    // A line to itself makes a single point visible as a round dot.
    return `M${stroke[0]} ${stroke[1]}L${stroke.join(" ")}`;
  }

  function show() {
    while (ink.childElementCount > strokes.length) ink.lastChild.remove();
    while (ink.childElementCount < strokes.length)
      ink.append(document.createElementNS("http://www.w3.org/2000/svg", "path"));
    strokes.forEach((stroke, i) => ink.children[i].setAttribute("d", pathData(stroke)));
    ink.setAttribute("stroke-width", options.width);
    cursor.setAttribute("transform", `translate(${at})`);
    root.style.maxWidth = `${options.size}px`;
    root.classList.toggle("zoo-pad-disabled", options.disabled);
    root.classList.toggle("zoo-pad-pen-down", penDown);
    sheet.tabIndex = options.disabled ? -1 : 0;
    sheet.setAttribute("aria-disabled", options.disabled);
    sheet.setAttribute("aria-label", `Drawing pad: ${options.label}`);
    sheet.setAttribute(
      "aria-description",
      "Arrow keys move the pen, with Shift faster. Space puts it down or up. Ctrl+Z undoes, Delete clears.",
    );
    hint.textContent = options.label;
    hint.hidden = strokes.length > 0;
    // aria-disabled and not disabled: a button that loses the focus as it is pressed loses the person.
    undoButton.setAttribute("aria-disabled", options.disabled || !(strokes.length || cleared));
    clearButton.setAttribute("aria-disabled", options.disabled || !strokes.length);
  }

  function say(text, { aloud = true } = {}) {
    if (status.textContent !== text) status.textContent = text; // said once, not at every point
    status.classList.toggle("zoo-pad-unseen", !aloud);
  }

  // --- what the host is told ---

  function send() {
    if (pending || !dirty) return;
    dirty = false;
    pending = true;
    seq += 1;
    timer = setTimeout(lost, PATIENCE);
    onChange({ strokes: copy(strokes), seq });
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

  // --- what the person does ---

  function begin(x, y) {
    if (strokes.length >= MAX_STROKES || points() >= MAX_POINTS) {
      say("The pad is full. Undo or clear to go on.");
      return false;
    }
    cleared = null;
    strokes.push([x, y]);
    say("", { aloud: false });
    return true;
  }

  function extend(x, y, { step = MIN_STEP } = {}) {
    const stroke = strokes.at(-1);
    const moved = Math.hypot(x - stroke.at(-2), y - stroke.at(-1));
    if (moved === 0 || moved < step) return;
    if (points() >= MAX_POINTS) say("The pad is full. Undo or clear to go on.");
    else stroke.push(x, y);
  }

  function lift() {
    pointer = null;
    penDown = false;
  }

  function undo() {
    if (options.disabled || !(strokes.length || cleared)) return;
    lift();
    if (strokes.length) strokes.pop();
    else [strokes, cleared] = [cleared, null];
    say(`Undone. Strokes: ${strokes.length}.`, { aloud: false });
    changed();
  }

  function clear() {
    if (options.disabled || !strokes.length) return;
    lift();
    [strokes, cleared] = [[], strokes];
    say("Cleared.", { aloud: false });
    changed();
  }

  function place(event) {
    const box = paper.getBoundingClientRect();
    return [
      clamp(((event.clientX - box.left) / box.width) * SIDE),
      clamp(((event.clientY - box.top) / box.height) * SIDE),
    ];
  }

  function onPointerDown(event) {
    if (options.disabled || pointer !== null || event.button !== 0) return;
    event.preventDefault(); // no text selection, no drag; so the focus is ours to give
    sheet.focus({ preventScroll: true });
    keys(false);
    lift();
    if (!begin(...place(event))) return;
    pointer = event.pointerId;
    sheet.setPointerCapture(pointer);
    changed();
  }

  function onPointerMove(event) {
    if (event.pointerId !== pointer) return;
    const before = strokes.at(-1).length;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) extend(...place(each));
    if (strokes.at(-1).length > before) changed();
  }

  function onPointerEnd(event) {
    if (event.pointerId !== pointer) return;
    const before = strokes.at(-1).length;
    // The end counts even if it is near: it is where the person wanted to stop. (A cancelled
    // pointer and a lost capture come with coordinates of nowhere.)
    if (event.type === "pointerup") extend(...place(event), { step: 0 });
    lift();
    if (strokes.at(-1).length > before) changed();
    else show();
    send();
  }

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  function onKeyDown(event) {
    if (options.disabled || event.altKey) return;
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === "z") undo();
    else if (command) return;
    else if (event.key in ARROWS) move(ARROWS[event.key], event.shiftKey ? 16 : 4);
    else if (event.key === " " || event.key === "Enter") event.repeat || togglePen();
    else if (event.key === "Delete" || event.key === "Escape") clear();
    else return;
    keys(true);
    event.preventDefault();
    event.stopPropagation();
  }

  function move([dx, dy], step) {
    at = [clamp(at[0] + dx * step), clamp(at[1] + dy * step)];
    if (penDown) {
      extend(...at);
      changed();
    } else show();
  }

  function togglePen() {
    if (pointer !== null) return;
    if (penDown) {
      lift();
      say(`Pen up. Strokes: ${strokes.length}.`, { aloud: false });
      show();
    } else if (begin(...at)) {
      penDown = true;
      say("Pen down.", { aloud: false });
      changed();
    }
  }

  function onBlur() {
    penDown = false;
    root.classList.remove("zoo-pad-keys", "zoo-pad-pointing");
    show();
  }

  // The browser shows a focus ring wherever a script gives the focus; one who draws by hand needs none.
  function keys(used) {
    root.classList.toggle("zoo-pad-keys", used);
    root.classList.toggle("zoo-pad-pointing", !used);
  }

  sheet.addEventListener("pointerdown", onPointerDown);
  sheet.addEventListener("pointermove", onPointerMove);
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"])
    sheet.addEventListener(end, onPointerEnd);
  sheet.addEventListener("keydown", onKeyDown);
  sheet.addEventListener("blur", onBlur);
  undoButton.addEventListener("click", undo);
  clearButton.addEventListener("click", clear);

  // --- what the host says ---

  function update(next) {
    for (const name of Object.keys(options)) options[name] = next[name] ?? options[name];
    if (options.disabled) lift();
    if (pending && next.seq >= seq) {
      clearTimeout(timer);
      if (!next.busy) pending = false;
      tries = 0;
    }
    // Whoever draws is right: a drawing from the host may be older than the one on the pad. It is
    // taken over (restored, shared, reset) only when nothing of the person's is under way.
    const wish = next.seq == null; // no answer, so it cannot be an old one
    const idle = !drawing() && !dirty && (wish || (!pending && next.seq >= seq));
    if (next.strokes && idle && JSON.stringify(next.strokes) !== JSON.stringify(strokes)) {
      strokes = copy(next.strokes);
      cleared = null;
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

  update({ ...state, strokes: undefined });
  return { update, destroy };
}
