// CartPole: agents of every age; all that moves is the component's.

import { mount as mountCarts } from "./components/cartpole/cartpole.js";

export const fields = ({ modes, agents, starts, defaults }) => ({
  mode: { kind: "choice", label: "What to do", options: modes, default: defaults.mode },
  age: { kind: "number", label: "Age", help: `moment of its training, of ${agents.length}`, low: 0, high: agents.length - 1, step: 1, default: defaults.age },
  seed: { kind: "number", label: "Seed", help: `of the start, as gymnasium's reset has it: 0 to ${starts.length - 1}`, typed: true, low: 0, high: starts.length - 1, step: 1, default: defaults.seed },
  score: { kind: "number", low: 0, high: 500, step: 1, default: 0 },
});

export async function mount(stage, { agents, starts, physics }, change) {
  document.documentElement.classList.add("wide");
  stage.replaceChildren();
  let carts;
  let best = 0;

  async function show({ mode, age, seed, score }) {
    best = Math.max(best, score);
    const last = agents.length - 1;
    const shown = mode === "watch" ? [...new Set([0, age, last])] : [age];
    const scene = { mode, agents: shown.map((i) => agents[i]), start: starts[seed], physics, best };
    if (carts) carts.update(scene);
    else carts = mountCarts(stage, scene, ({ you }) => change("score", Math.max(best, you)));
  }

  return { show, picture: () => stage.querySelector("canvas") };
}
