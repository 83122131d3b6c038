// Carts with poles, the same for every host (Streamlit, Gradio, a static page). All of it runs in the browser.
//
//   const view = mount(element, {mode, agents, start, physics, best}, onChange)
//   view.update(state)    the host's wish to show something else
//   view.destroy()
//
// `mode` is "watch" (replays of several agents), "inside" (one replay beside a map of the policy), "push" (a live agent
// that can be shoved, in a world that can be changed) or "race" (you and the agent from the same start). An agent is
// {name, actor, critic, width} (see physics.js), `start` a state, `best` the steps to beat in a race. onChange({you, agent}) tells how a race ended.

import { awaken, fallen, play, step } from "./physics.js";
import { drawCurves, drawMap, drawStage } from "./scene.js";

const LIMIT = 500; // steps of an episode
const SHOVE = 0.9; // m/s
const TILT = 0.9; // rad/s
const WINDOW = 250; // steps that a live curve shows
const SPEEDS = [0.25, 1, 3];
const FACTORS = { gravity: "Gravity", length: "Pole length", force_mag: "Force" };

const TEMPLATE = `
  <div class="zoo-cart-main">
    <canvas class="zoo-cart-stage" tabindex="0" role="img"></canvas>
    <div class="zoo-cart-bar" data-for="watch inside">
      <button type="button" data-do="play"></button>
      <button type="button" data-do="back" aria-label="One step back">‹</button>
      <button type="button" data-do="forth" aria-label="One step on">›</button>
      <input type="range" class="zoo-cart-time" min="0" step="1" aria-label="Step of the episode">
    </div>
    <div class="zoo-cart-bar" data-for="push">
      <button type="button" class="zoo-cart-hold" data-do="shove-left">Shove ←</button>
      <button type="button" class="zoo-cart-hold" data-do="tilt-left">Tilt ↶</button>
      <button type="button" class="zoo-cart-hold" data-do="tilt-right">Tilt ↷</button>
      <button type="button" class="zoo-cart-hold" data-do="shove-right">Shove →</button>
    </div>
    <div class="zoo-cart-bar" data-for="push">
      ${Object.entries(FACTORS)
        .map(
          ([key, name]) => `<label><span>${name} <output data-of="${key}">× 1</output></span>
          <input type="range" data-world="${key}" min="-1" max="1" step="0.05" value="0"></label>`,
        )
        .join("")}
    </div>
    <div class="zoo-cart-bar" data-for="race">
      <button type="button" class="zoo-cart-hold" data-hold="0">← Push left</button>
      <button type="button" class="zoo-cart-hold" data-hold="1">Push right →</button>
    </div>
    <div class="zoo-cart-bar">
      <button type="button" data-do="again" data-for="push race">Start again</button>
      ${SPEEDS.map((speed) => `<button type="button" data-speed="${speed}">${speed === 0.25 ? "¼" : speed} ×</button>`).join("")}
    </div>
    <p class="zoo-cart-status" role="status"></p>
  </div>
  <div class="zoo-cart-side">
    <canvas class="zoo-cart-map" role="img" data-for="inside"
      aria-label="Probability of pushing right, by the pole's angle and how fast it turns"></canvas>
    <canvas class="zoo-cart-curves" role="img" data-for="watch inside push"
      aria-label="Curves of the agent's choice, its value and the four numbers of the state"></canvas>
  </div>`;

export function mount(element, state, onChange) {
  const root = document.createElement("div");
  root.className = "zoo-cart";
  root.innerHTML = TEMPLATE;
  element.append(root);
  const part = (name) => root.querySelector(`.zoo-cart-${name}`);
  const [stage, curves, map, slider, status] = ["stage", "curves", "map", "time", "status"].map(part);
  const events = new AbortController();
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

  let given = {}; // what the host asked for
  let record = 0; // steps to beat in a race
  let agents = [];
  let lanes = []; // {name, episode} in a replay, {name, state, before, steps, over, trail, ...} live
  let selected = 0; // lane that curves and map are of
  let speed = 1;
  let time = 0; // step of a replay, with fractions
  let playing = false;
  let held = null; // direction that the person holds, in a race
  let factors = {};
  let colors = {};
  let frame;
  let last = null; // time of the last frame, ms
  let owed = 0; // steps of a live world that are due
  let sheet = null; // the map as it was drawn last

  const replay = () => ["watch", "inside"].includes(given.mode);
  const world = () =>
    Object.fromEntries(Object.entries(given.physics).map(([key, value]) => [key, value * (factors[key] ?? 1)]));
  const longest = () => Math.max(...lanes.map(({ episode }) => episode.actions.length));

  // --- what happens ---

  function begin() {
    time = owed = 0;
    held = null;
    selected = Math.min(selected, agents.length - 1);
    if (replay()) {
      lanes = agents.map(({ name, mind }) => ({ name, mind, episode: play(mind, given.start, given.physics, LIMIT) }));
      slider.max = longest();
    } else {
      const live = ({ name, mind }) => ({ name, mind, state: given.start, before: given.start, steps: 0, over: false, trail: [], shoves: 0 });
      lanes = [live(agents.at(-1))];
      if (given.mode === "race") lanes.unshift(live({ name: "you", mind: null }));
      selected = lanes.length - 1;
    }
    playing = given.mode === "race" ? false : !calm;
    say(given.mode === "race" ? invitation() : "");
    wake();
  }

  const invitation = () =>
    `Hold ← or → (or the buttons) to push; without a key the pushes alternate.${record ? ` Someone lasted ${record} steps here: last longer.` : ""}`;

  function advance(lane) {
    if (lane.over) return;
    const now = world();
    let right;
    if (lane.mind) {
      const chance = lane.mind.right(lane.state);
      lane.trail.push([lane.state, [chance, lane.mind.value(lane.state)]]);
      if (lane.trail.length > WINDOW) lane.trail.shift();
      right = chance > 0.5 ? 1 : 0;
    } else right = held ?? lane.steps % 2;
    lane.before = lane.state;
    lane.state = step(lane.state, right, now);
    lane.pushed = right;
    lane.steps++;
    lane.over = fallen(lane.state, now) || (given.mode === "race" && lane.steps >= LIMIT);
    if (!lane.over) return;
    if (given.mode === "push") {
      say(`Fell after ${lane.steps} steps and ${lane.shoves} ${lane.shoves === 1 ? "push" : "pushes"} of yours.`);
      lane.again = 50;
    }
  }

  function live() {
    for (const lane of lanes) {
      advance(lane);
      if (lane.over && given.mode === "push" && --lane.again <= 0)
        Object.assign(lane, { state: given.start, before: given.start, steps: 0, over: false, trail: [], shoves: 0 });
    }
    if (given.mode === "race" && lanes.every(({ over }) => over)) {
      playing = false;
      const [you, machine] = lanes.map(({ steps }) => steps);
      say(`You lasted ${you} steps, the agent ${machine}. ${you > machine ? "You win." : you === machine ? "A draw." : "Try a slower speed."}`);
      onChange({ you, agent: machine });
    }
  }

  function nudge(what) {
    const lane = lanes[0];
    if (given.mode !== "push" || lane.over) return;
    const [kind, side] = what.split("-");
    const sign = side === "right" ? 1 : -1;
    lane.state = [...lane.state];
    if (kind === "shove") lane.state[1] += sign * SHOVE;
    else lane.state[3] += sign * TILT;
    lane.before = lane.state;
    lane.shoves++;
    lane.flash = { what: kind, sign, left: 15 };
    playing = true;
    say(kind === "shove" ? `You shoved the cart to the ${side}.` : `You tilted the pole to the ${side}.`);
    wake();
  }

  function press(what) {
    if (what === "play") {
      if (!playing && time >= longest()) time = 0;
      playing = !playing;
    } else if (what === "back" || what === "forth") {
      playing = false;
      time = Math.max(0, Math.min(longest(), Math.round(time) + (what === "forth" ? 1 : -1)));
    } else if (what === "again") {
      begin();
      playing = true;
    } else nudge(what);
    wake();
  }

  function hold(direction) {
    if (direction !== null && given.mode === "race" && !playing) {
      if (lanes.every(({ over }) => over)) begin();
      playing = true;
      say("");
    }
    held = direction;
    wake();
  }

  const say = (text) => {
    if (status.textContent !== text) status.textContent = text;
  };

  // --- what is seen ---

  function readColors() {
    const style = getComputedStyle(root);
    colors = { ink: style.color, accent: style.getPropertyValue("--cart-accent").trim(), font: style.fontFamily };
  }

  const blend = (a, b, share) => a.map((value, i) => value + share * (b[i] - value));

  function shown(lane) {
    if (!replay()) return blend(lane.before, lane.state, Math.min(1, owed));
    const { states } = lane.episode;
    const now = Math.min(Math.floor(time), states.length - 1);
    return blend(states[now], states[Math.min(now + 1, states.length - 1)], time - Math.floor(time));
  }

  function facts(lane) {
    if (!replay()) return { steps: lane.steps, over: lane.over, pushed: lane.pushed };
    const { actions, fell } = lane.episode;
    const now = Math.min(Math.floor(time), actions.length);
    return { steps: now, over: fell && now === actions.length, pushed: actions[now] };
  }

  // The states and thoughts that the curves show, how many fit, and which is now.
  function history() {
    const lane = lanes[selected];
    if (!replay()) return { records: lane.trail, fits: WINDOW, now: lane.trail.length - 1, ahead: false };
    const { states, right, value } = lane.episode;
    const records = right.map((chance, i) => [states[i], [chance, value[i]]]);
    return { records, fits: LIMIT, now: Math.min(Math.floor(time), records.length - 1), ahead: true };
  }

  function draw() {
    const poles = Math.min(1.6, 2 * given.physics.length * (factors.length ?? 1)); // m, as drawn
    const views = lanes.map((lane, i) => {
      const { steps, over, pushed } = facts(lane);
      const note = over ? (steps >= LIMIT ? `all ${LIMIT} steps` : `fell at step ${steps}`) : `step ${steps}`;
      const marked = lanes.length > 1 && given.mode === "watch" && i === selected;
      return { name: lane.name, state: shown(lane), over, pushed, note, marked, flash: lane.flash };
    });
    drawStage(stage, views, { poles, most: given.physics.theta_threshold_radians, colors });
    if (given.mode !== "race") drawCurves(curves, history(), colors);
    if (given.mode === "inside") sheet = drawMap(map, lanes[selected].mind, shown(lanes[selected]), sheet, colors, playing);
    if (replay()) {
      slider.value = Math.floor(time);
      slider.setAttribute("aria-valuetext", `step ${Math.floor(time)}`);
      const button = root.querySelector("[data-do=play]");
      const said = playing ? "Pause" : "Play";
      if (button.textContent !== said) button.textContent = said;
    }
  }

  function tick(now) {
    frame = undefined;
    const passed = last === null ? 0 : Math.min(0.1, (now - last) / 1000);
    last = now;
    if (playing) {
      owed += (passed * speed) / given.physics.tau;
      if (replay()) {
        time = Math.min(longest(), time + owed);
        owed = 0;
        if (time >= longest()) playing = false;
      } else for (; owed >= 1 && playing; owed--) live();
    }
    draw();
    if (playing) frame = requestAnimationFrame(tick);
    else last = null;
  }

  // Draws once, and goes on while something moves.
  function wake() {
    frame ??= requestAnimationFrame(tick);
  }

  // --- the person ---

  const on = (target, name, listener) => target.addEventListener(name, listener, { signal: events.signal });
  on(root, "click", ({ target }) => {
    const button = target.closest("button");
    if (button?.dataset.do) press(button.dataset.do);
    if (button?.dataset.speed) {
      speed = Number(button.dataset.speed);
      mark();
    }
  });
  for (const button of root.querySelectorAll("[data-hold]")) {
    const direction = Number(button.dataset.hold);
    on(button, "pointerdown", (event) => {
      button.setPointerCapture(event.pointerId);
      hold(direction);
    });
    for (const end of ["pointerup", "pointercancel"]) on(button, end, () => held === direction && hold(null));
  }
  on(slider, "input", () => {
    playing = false;
    time = Number(slider.value);
    wake();
  });
  on(root, "input", ({ target }) => {
    const key = target.dataset.world;
    if (!key) return;
    factors[key] = 10 ** target.value;
    root.querySelector(`[data-of=${key}]`).textContent = `× ${Number(factors[key].toPrecision(2))}`;
    wake();
  });
  on(stage, "pointerdown", ({ offsetX, offsetY }) => {
    if (given.mode === "watch") {
      selected = Math.min(lanes.length - 1, Math.floor((offsetY / stage.clientHeight) * lanes.length));
      wake();
    } else if (given.mode === "push") {
      // Where the finger lands pushes away from it: at the cart's height the cart, above it the pole.
      const [x] = shown(lanes[0]);
      const side = offsetX < stage.clientWidth / 2 + (x * stage.clientWidth) / 5.4 ? "right" : "left";
      nudge(`${offsetY > 0.7 * stage.clientHeight ? "shove" : "tilt"}-${side}`);
    }
  });
  on(stage, "keydown", (event) => {
    const side = { ArrowLeft: "left", ArrowRight: "right" }[event.key];
    if (event.repeat && given.mode === "push") return event.preventDefault();
    if (event.key === " ") press(given.mode === "race" ? "again" : replay() ? "play" : "again");
    else if (side && given.mode === "race") hold(side === "right" ? 1 : 0);
    else if (side && given.mode === "push") nudge(`${event.shiftKey ? "tilt" : "shove"}-${side}`);
    else if (side) press(side === "right" ? "forth" : "back");
    else return;
    event.preventDefault();
  });
  on(stage, "keyup", (event) => {
    const direction = { ArrowLeft: 0, ArrowRight: 1 }[event.key];
    if (direction !== undefined && held === direction) hold(null);
  });
  on(stage, "blur", () => held !== null && hold(null));

  const resized = new ResizeObserver(() => wake());
  resized.observe(root);
  const themed = new MutationObserver(() => {
    readColors();
    wake();
  });
  for (const target of [document.documentElement, document.body])
    themed.observe(target, { attributeFilter: ["class", "style", "data-theme"] });

  function mark() {
    for (const button of root.querySelectorAll("[data-speed]"))
      button.setAttribute("aria-pressed", Number(button.dataset.speed) === speed);
  }

  function update({ best, ...next }) {
    const [was, asked] = [given, next].map((scene) => JSON.stringify(scene));
    record = best;
    readColors();
    if (was === asked) return wake();
    if (next.mode !== given.mode) {
      factors = {};
      for (const input of root.querySelectorAll("[data-world]")) input.value = 0;
      for (const output of root.querySelectorAll("output")) output.textContent = "× 1";
      selected = next.mode === "watch" ? next.agents.length - 1 : 0;
    }
    given = JSON.parse(asked);
    root.dataset.mode = given.mode;
    for (const element of root.querySelectorAll("[data-for]"))
      element.hidden = !element.dataset.for.split(" ").includes(given.mode);
    agents = given.agents.map((one) => ({ name: one.name, mind: awaken(one) }));
    mark();
    begin();
  }

  update(state);
  return {
    update,
    destroy() {
      cancelAnimationFrame(frame);
      events.abort();
      resized.disconnect();
      themed.disconnect();
      root.remove();
    },
  };
}
