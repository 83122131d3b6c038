"""CartPole: agents of every age, what they do in a world that may be changed, and what the browser needs to run them."""

import base64
from typing import Any

import gymnasium as gym
import numpy as np
import torch
from PIL import Image, ImageDraw

from playground import learning
from playground.catalogue import card, load
from playground.components.cartpole import CARTS, LIMIT, MODES, validate_score
from playground.demo import Demo, Drawn, Endpoint, Section, Slot, Stage, Words
from playground.fields import Field, Values, choice, integer, seed
from playground.memory import loaded, remembered
from zoo import checkpoint
from zoo.data.cartpole import PHYSICS, start
from zoo.models.ppo import ActorCritic

MODEL = "ppo.cartpole"
TITLES = dict(zip(MODES, ("Watch", "Push it", "You against it", "Inside the policy"), strict=True))
HOW = (
    "Fifty times a second the agent sees four numbers: where the cart is, how fast it goes, how far the pole leans and how fast "
    "it turns. It may push left or right, and gets a point for each step until the pole leans 12 degrees or the "
    "cart leaves the track. **PPO** lets 64 carts run with the present policy, works out which pushes did "
    "better than its **critic** expected (the advantage *A*), and makes those likelier, but never by more than a fifth in one "
    "round: beyond that the clipped objective pays nothing. At first the numbers mean nothing to it; a few thousand steps later it "
    "catches the pole, then learns to stay in the middle."
)
EQUATION = r"\max_\theta\ \mathbb{E}\left[\min\left(r_\theta A,\ \mathrm{clip}(r_\theta, 1-\epsilon, 1+\epsilon)\,A\right)\right]"
TRY_THIS = (
    "Open *Push it* and double the gravity: it copes, though it never met it. Then make the pole three times as long."
)


def checkpoints() -> list[str]:
    """Return the checkpoints that the demo needs."""
    return [MODEL]


def fields() -> dict[str, Field]:
    """Return the page's controls, and the steps that somebody lasted in a race."""
    return {
        "mode": choice(TITLES, "watch", "What to do", look="bare"),
        "age": integer(
            0, trained(), _young(), "Age of the agent",
            f"The policy was kept at {len(ages())} moments of its training; Watch has the agent of this age in the middle",
            names=tuple(title(age) for age in range(len(ages()))),
        ),
        "seed": seed(7, "Seed of the start"),
        "score": integer(0, LIMIT, 0),
    }  # fmt: skip


def ages() -> list[dict[str, Any]]:
    """Return the moments at which the agent was kept, the last of them trained: dicts with env_steps and greedy_return."""
    return learning.moments(MODEL)


def trained() -> int:
    """Return the last age."""
    return len(ages()) - 1


def _young() -> int:
    """Return the first age at which the agent has learned something."""
    return next((i for i, moment in enumerate(ages()) if i and moment["greedy_return"] > 100), trained())


def title(age: int) -> str:
    """Name an age."""
    if age == trained():
        return "trained"
    return f"after {ages()[age]['env_steps']:,} steps" if age else "before training"


@loaded
def agent(age: int) -> ActorCritic:
    """Return the agent as it was at an age."""
    model = load(MODEL)
    if age == trained():
        return model
    kept = checkpoint.extras(card(MODEL).folder)
    young = ActorCritic(model.config)
    young.load_state_dict({key: value[age].float() for key, value in kept.items()})
    return young.eval().requires_grad_(False)


@remembered
def packed(age: int) -> dict[str, Any]:
    """Return an agent for the browser: its name, and its two networks' numbers in base64."""
    model = agent(age)

    def text(network: torch.nn.Module) -> str:
        numbers = torch.cat([p.flatten() for p in network.parameters()]).numpy().astype("<f4")
        return base64.b64encode(numbers.tobytes()).decode()

    return {
        "name": title(age), "actor": text(model.actor), "critic": text(model.critic), "width": model.config.width,
    }  # fmt: skip


def scene(mode: str, age: int, seed: int, score: int = 0) -> dict[str, Any]:
    """Return what the carts' component shows; see `cartpole.js`.

    Args:
        mode: one of `TITLES`.
        age: number of a moment of `ages()`; "watch" shows the first and the last beside it.
        seed: of the start, as gymnasium's `reset(seed=seed)` has it.
        score: steps that somebody lasted in a race, to be beaten.
    """
    shown = sorted({0, age, trained()}) if mode == "watch" else [age]
    return {
        "mode": mode, "agents": [packed(i) for i in shown], "start": start(seed).tolist(), "physics": PHYSICS,
        "best": score,
    }  # fmt: skip


@torch.inference_mode()
def episode(age: int, seed: int) -> dict[str, np.ndarray]:
    """Play an episode by the likelier actions.

    Returns:
        states (T + 1, 4); and of each but the last: right, the probability of pushing right (T,), value (T,), actions (T,).
    """
    env, model = gym.make("CartPole-v1"), agent(age)
    state, _ = env.reset(seed=seed)
    states, said, values, over = [state], [], [], False
    while not over:
        x = torch.from_numpy(state)[None]
        said.append(model.policy(x).softmax(-1)[0, 1].item())
        values.append(model.value(x).item())
        state, _, fell, late, _ = env.step(int(said[-1] > 0.5))
        states.append(state)
        over = fell or late
    right = np.array(said)
    return {"states": np.stack(states), "right": right, "value": np.array(values), "actions": (right > 0.5).astype(int)}


def picture(age: int, seed: int, size: tuple[int, int] = (960, 540), moments: int = 9) -> np.ndarray:
    """Draw an episode as one picture, the latest moment the darkest: (H, W, 3) uint8."""
    states = episode(age, seed)["states"]
    width, height = size
    scale, floor = width / 5.4, height * 0.82
    image = Image.new("RGB", (2 * width, 2 * height), "#FBFAF7")
    draw = ImageDraw.Draw(image)
    draw.line([(0, 2 * floor), (2 * width, 2 * floor)], "#B0ADA6", 4)
    for share, i in zip(
        np.linspace(0.12, 1, moments) ** 2, np.linspace(0, len(states) - 1, moments).astype(int), strict=True
    ):
        x, _, angle, _ = states[i]
        at, top = 2 * (width / 2 + x * scale), 2 * (floor - 0.2 * scale)
        end = (at + 2 * scale * np.sin(angle), top - 2 * scale * np.cos(angle))
        ink, orange = (tuple(int(251 + share * (c - 251)) for c in rgb) for rgb in ((27, 27, 31), (232, 115, 26)))
        draw.rounded_rectangle([at - 0.42 * scale, top, at + 0.42 * scale, 2 * floor], 12, fill=ink)
        draw.line([(at, top), end], orange, round(0.11 * scale))
    return np.asarray(image.resize(size, Image.Resampling.LANCZOS))


def lasts(age: int) -> str:
    """Say how good the agent is at an age."""
    return f"The agent {title(age)}: {ages()[age]['greedy_return']:.0f} of {LIMIT} steps in the mean."


def stage(v: Values) -> Stage:
    """Return what the carts' component shows, and how good the agent was at this age."""
    return {"carts": scene(v["mode"], v["age"], v["seed"], v["score"]), "said": Words(lasts(v["age"]), quiet=True)}


def raced(score: Any, v: Values) -> Values:
    """Keep the steps that a visitor lasted in a race.

    Raises:
        ValueError: the browser sent no score of ours.
    """
    return {"score": validate_score(score)["you"]}


def render(v: Values) -> np.ndarray:
    """Return the download: the episode as one picture."""
    return picture(v["age"], v["seed"])


def played(v: Values) -> tuple[Drawn, dict[str, Any]]:
    """Play an episode: a picture of it, and its states (T + 1, 4), the probability of pushing right, value and action of each step.

    Age is the number of a moment of the training, the trained agent unless given; seed is that of gymnasium's reset.
    """
    age = trained() if v["age"] is None else v["age"]
    found = episode(age, v["seed"])
    return Drawn(picture(age, v["seed"]), {"age": age}), {key: value.tolist() for key, value in found.items()}


def code(v: Values) -> str:
    """Return the lines of Python that play the same episode."""
    young = (
        ""
        if v["age"] == trained()
        else "from zoo.checkpoint import extras\n\nkept = extras(zoo.card(name).folder)  # the agent at each moment of its training\n"
        f"model.load_state_dict({{key: value[{v['age']}].float() for key, value in kept.items()}})\n"
    )
    return (
        f'import gymnasium as gym\nimport torch\nimport zoo\n\nname = "{MODEL}"\nmodel = zoo.load(name)\n{young}'
        f'env = gym.make("CartPole-v1")\nstate, _ = env.reset(seed={v["seed"]})\nsteps, over = 0, False\nwhile not over:\n'
        "    action = int(model.act(torch.tensor(state)[None]))\n"
        "    state, _, fell, late, _ = env.step(action)\n    steps, over = steps + 1, fell or late\nprint(steps)"
    )


@remembered
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: the moments in which a young agent fails, (H, W, 3) uint8."""
    return picture(_young(), 7, (336, 336), 6)


DEMO = Demo(
    title="CartPole", line="Watch an agent learn to balance, push it, or try to beat it.", term="reinforcement learning, PPO",
    group="Drive", order=1, icon="sports_esports", how=HOW, equation=EQUATION, try_this=TRY_THIS,
    checkpoints=checkpoints, fields=fields, stage=stage, code=code, render=render, scale=1, thumbnail=thumbnail,
    layout=(
        Section((Slot("carts", component=CARTS, sets=raced),), lead=("mode",), under=("age", "seed")),
        Section(("said",)),
    ),
    endpoints=(Endpoint(played, ("age", "seed"), "play", {"age": None}),),
)  # fmt: skip
