// CartPole: agents of every age; all that moves is the component's.

import { mount as mountCarts } from "./components/cartpole/cartpole.js";

export async function mount(slots, { agents, lasts, starts, physics }, change) {
  const said = Object.assign(document.createElement("p"), { className: "quiet" });
  slots.carts.replaceChildren();
  slots.said.append(said);
  let carts;
  let best = 0;

  async function show({ mode, age, seed, score }) {
    best = Math.max(best, score);
    said.textContent = lasts[age];
    const last = agents.length - 1;
    const shown = mode === "watch" ? [...new Set([0, age, last])] : [age];
    const scene = { mode, agents: shown.map((i) => agents[i]), start: starts[seed], physics, best };
    if (carts) carts.update(scene);
    else carts = mountCarts(slots.carts, scene, ({ you }) => change("score", Math.max(best, you)));
  }

  return { show, picture: () => slots.carts.querySelector("canvas") };
}
