"""CartPole: balance a pole on a cart by pushing it left or right (Barto, Sutton, Anderson 1983, doi 10.1109/TSMC.1983.6313077).

The world is gymnasium's CartPole-v1. Its numbers stand here once more, for the page, whose physics runs in the browser;
a test compares them with gymnasium's.
"""

import hashlib
import json

import numpy as np

from zoo.data import Provenance

PROVENANCE = Provenance(
    title="CartPole-v1",
    hub_id="gymnasium/CartPole-v1",
    license="MIT (gymnasium); there is no data set: the agent makes its own experience",
    source="Gymnasium (Farama Foundation), environment CartPole-v1",
    citation="Barto, Sutton, Anderson: Neuronlike adaptive elements that can solve difficult learning control problems, 1983",
)
PHYSICS = {
    "gravity": 9.8,  # m/s^2
    "masscart": 1.0,  # kg
    "masspole": 0.1,  # kg
    "length": 0.5,  # m: half of the pole
    "force_mag": 10.0,  # N
    "tau": 0.02,  # s
    "x_threshold": 2.4,  # m: farther, and the episode ends
    "theta_threshold_radians": 12 * 2 * np.pi / 360,
}
MAX_STEPS = 500
SHA256 = hashlib.sha256(json.dumps({**PHYSICS, "max_episode_steps": MAX_STEPS}, sort_keys=True).encode()).hexdigest()


def start(seed: int) -> np.ndarray:
    """Return the state in which gymnasium's `reset(seed=seed)` begins: cart's place and speed, pole's angle and its speed (4,)."""
    return np.random.default_rng(seed).uniform(-0.05, 0.05, 4)
