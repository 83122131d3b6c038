"""Many CartPoles side by side: gymnasium's, to learn in and to be measured in."""

import json
from typing import Any

import gymnasium as gym
import numpy as np
import torch

from zoo.models.ppo import ActorCritic


class Carts:
    """CartPoles side by side that remember where they stopped.

    gymnasium resets an environment in the step after its episode's end: that step's action is ignored and its reward is 0
    (AutoresetMode.NEXT_STEP). Such steps are marked `bogus` here, and nothing is learned from them.
    """

    def __init__(self, n: int, seed: int):
        self.env = gym.make_vec("CartPole-v1", num_envs=n, vectorization_mode="vector_entry_point").unwrapped
        self.state, _ = self.env.reset(seed=seed)
        self.returns: list[int] = []
        """steps that each finished episode took"""

    def step(self, action: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Take a step in each; return reward, terminated, done (terminated or out of time), bogus: (n,) each."""
        bogus = self.env.prev_done.copy()
        self.state, reward, terminated, truncated, _ = self.env.step(action)
        done = terminated | truncated
        self.returns += self.env.steps[done].tolist()
        return reward, terminated, done, bogus

    def state_dict(self) -> dict[str, Any]:
        """Return all that the next step depends on."""
        env = self.env
        return {
            "state": torch.from_numpy(env.state.copy()), "steps": torch.from_numpy(env.steps.copy()),
            "prev_done": torch.from_numpy(env.prev_done.copy()), "returns": list(self.returns),
            "generator": torch.tensor(list(json.dumps(env.np_random.bit_generator.state).encode()), dtype=torch.uint8),
        }  # fmt: skip

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        env = self.env
        env.state, env.steps, env.prev_done = (state[key].numpy().copy() for key in ("state", "steps", "prev_done"))
        env.np_random.bit_generator.state = json.loads(bytes(state["generator"].tolist()))
        self.state, self.returns = env.state.T.astype(np.float32), list(state["returns"])


@torch.no_grad()
def greedy_returns(model: ActorCritic, episodes: int, seed: int, *, draw: bool = False, **world: float) -> np.ndarray:
    """Return the steps that the likeliest actions last from so many fresh starts: (episodes,).

    Args:
        draw: draw the actions from the policy instead.
        world: the environment's numbers to change, such as gravity.
    """
    env = gym.make_vec("CartPole-v1", num_envs=episodes, vectorization_mode="vector_entry_point").unwrapped
    for key, value in world.items():
        setattr(env, key, value)
    env.polemass_length = env.masspole * env.length
    state, _ = env.reset(seed=seed)
    generator = torch.Generator().manual_seed(seed)
    lasted, alive = np.zeros(episodes, int), np.ones(episodes, bool)
    while alive.any():
        noise = torch.rand(episodes, generator=generator) if draw else None
        state, _, terminated, truncated, _ = env.step(model.act(torch.from_numpy(state), noise=noise).numpy())
        lasted += alive
        alive &= ~(terminated | truncated)
    return lasted
