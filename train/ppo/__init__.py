"""Train PPO on CartPole: `python -m train.ppo cartpole`.

Many carts at once in gymnasium's own vectorised environment, one thread: the networks are smaller than the cost of a
second one. Five seeds are trained, one after the other; the first is shipped, whatever the others reach.
"""

import json
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from train.core.fit import build
from train.core.run import Run, publish, store
from train.core.settings import Settings
from train.core.steps import learning_rate
from train.ppo.carts import Carts, greedy_returns
from zoo.card import Metric
from zoo.data import cartpole
from zoo.models.ppo import ActorCritic, Config
from zoo.tables import Axis, Column, Losses, Plot, Progress, Table

SOLVED = 495  # mean greedy return that counts as learned
UNSEEN = 1_000_000  # seed of the starts that agents are measured on; training's are small


@dataclass(frozen=True)
class PPOSettings(Settings):
    """Settings of PPO; an epoch is one pass over a rollout."""

    env_steps: int = 150_000
    """steps of all environments together"""
    envs: int = 64
    """environments side by side"""
    rollout: int = 32
    """steps of each between updates"""
    epochs: float = 4
    batch_size: int = 512
    lr: float = 4e-3
    bf16: bool = False
    ema: float = 0
    warmup: int = 0
    gamma: float = 0.98
    """discount of the next step's return"""
    gae_lambda: float = 0.95
    """how far advantages look ahead instead of trusting the critic"""
    clip: float = 0.2
    """how far a ratio of probabilities may go from 1, at the start; falls to 0 as the learning rate does"""
    value_weight: float = 0.5
    """weight of the critic's loss"""
    entropy_weight: float = 0.0
    """weight of the policy's entropy"""
    clip_gradient: float = 0.5
    """largest norm of the gradient"""
    seeds: int = 5
    """runs, each with a seed of its own"""
    model: Config = Config()


VARIANTS = {"cartpole": PPOSettings(data="cartpole")}
BARS = {"cartpole": {"greedy_return": (500, None)}}
# The losses of an agent tell little of it: they are taken on what it does itself.
PROGRESS = Progress(
    {"greedy_return": Axis("An episode lasts", "steps of 500")},
    Losses("an episode lasts", "steps", {"return": "return", "greedy_return": "greedy return"}),
    examples="env_steps",
)


def advantages(
    reward: Tensor, value: Tensor, last: Tensor, terminated: Tensor, done: Tensor, gamma: float, lam: float
) -> Tensor:
    """Estimate advantages (arXiv 1506.02438).

    An episode that ran out of time did not fail: its last state's value counts (arXiv 1712.00378). That state is the next
    row's, since an environment is only reset in the step after.

    Args:
        reward, value, terminated, done: (T, n).
        last: (n,) value of the state after the last step.

    Returns:
        (T, n).
    """
    ahead = torch.cat([value[1:], last[None]])
    delta = reward + gamma * (1 - terminated) * ahead - value
    estimate, found = torch.zeros_like(last), []
    for d, over in zip(delta.flip(0), done.flip(0), strict=True):
        estimate = d + gamma * lam * (1 - over) * estimate
        found.append(estimate)
    return torch.stack(found[::-1])


def learn(name: str, settings: PPOSettings) -> tuple[ActorCritic, Run]:
    """Train with one seed; return the agent and its run, whose folder is called `name`."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    per_update = settings.envs * settings.rollout
    updates = max(1, settings.env_steps // per_update)
    run = Run(name, settings, updates, data=cartpole.SHA256)
    # From the first update on: most is learned in the first ten.
    run.moments = {0, *np.geomspace(1, updates, max(1, settings.snapshots - 1)).round().astype(int).tolist()}
    model = build(ActorCritic, settings)
    optimizer = torch.optim.Adam(model.parameters(), lr=settings.lr, eps=1e-5, fused=True)
    carts = Carts(settings.envs, settings.seed)

    def snapshot(update: int) -> None:
        with run.paused():
            seen = update * per_update
            run.keep(update, policy_map(model), env_steps=seen, greedy_return=greedy_unseen(model))
            store(model.state_dict(), run.folder / "history" / f"{update:08d}.pt")

    def experience(update: int) -> tuple[tuple[Tensor, ...], Tensor, Tensor]:
        seen = len(carts.returns)
        return *rollout(model, carts, settings), torch.tensor(carts.returns[seen:] or [0.0]).float()

    parts = {"model": model, "optimizer": optimizer, "carts": carts}
    for update, (batch, explained, lengths) in run.steps(experience, snapshot=snapshot, log_every=1, **parts):
        left = learning_rate(settings, update, updates) / settings.lr
        for group in optimizer.param_groups:
            group["lr"] = settings.lr * left
        losses = improve(model, optimizer, batch, settings, settings.clip * left)
        with run.paused():
            greedy = torch.tensor(greedy_unseen(model))
        run.record(
            losses
            | {"explained_variance": explained, "return": lengths.mean()}
            | {"episodes": torch.tensor(len(carts.returns)), "greedy_return": greedy}
        )
    torch.set_num_threads(threads)
    return model.eval(), run


def greedy_unseen(model: ActorCritic) -> float:
    """Return the greedy policy's return, mean of 100 unseen starts."""
    return float(greedy_returns(model, 100, seed=UNSEEN + 1).mean())


@torch.no_grad()
def rollout(model: ActorCritic, carts: Carts, settings: PPOSettings) -> tuple[tuple[Tensor, ...], Tensor]:
    """Act for a while; return the transitions that count (state, action, logp, advantage, returns), and how much of the
    returns' variance the critic had foreseen."""
    noise = torch.rand(settings.rollout, settings.envs)
    states, actions, steps = [], [], []
    for u in noise:
        states.append(carts.state)
        actions.append(model.act(torch.from_numpy(carts.state), noise=u).numpy())
        steps.append(np.stack(carts.step(actions[-1]), dtype=np.float32))
    state, action = (torch.from_numpy(np.stack(x)) for x in ([*states, carts.state], actions))
    reward, terminated, done, bogus = torch.from_numpy(np.stack(steps, 1))
    value = model.value(state)
    advantage = advantages(reward, value[:-1], value[-1], terminated, done, settings.gamma, settings.gae_lambda)
    counts = bogus == 0
    said = torch.log_softmax(model.policy(state[:-1][counts]), -1)
    action, advantage, value = action[counts], advantage[counts], value[:-1][counts]
    returns = advantage + value
    explained = 1 - (returns - value).var() / returns.var().clamp_min(1e-8)
    return (state[:-1][counts], action, said.gather(-1, action[:, None])[:, 0], advantage, returns), explained


def improve(
    model: ActorCritic, optimizer: torch.optim.Optimizer, batch: tuple[Tensor, ...], settings: PPOSettings, clip: float
) -> dict[str, Tensor]:
    """Learn from transitions in shuffled minibatches; return the mean losses of the last pass over them."""
    weights = {"value_weight": settings.value_weight, "entropy_weight": settings.entropy_weight}
    parameters = list(model.parameters())
    for _ in range(int(settings.epochs)):
        order, seen = torch.randperm(len(batch[0])), []
        parts = zip(*(x[order].split(settings.batch_size) for x in batch), strict=True)
        for state, action, logp, advantage, returns in parts:
            scaled = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
            losses = model(state, action, logp, scaled, returns, clip=clip, **weights)
            losses["loss"].backward()
            torch.nn.utils.clip_grad_norm_(parameters, settings.clip_gradient)
            optimizer.step()
            optimizer.zero_grad()
            seen.append(losses)
    return {key: torch.stack([losses[key].detach() for losses in seen]).mean() for key in losses}


def policy_map(model: ActorCritic, size: int = 48) -> np.ndarray:
    """Return the probability of pushing right with the cart at rest in the middle, white for 1: (size, size) uint8.

    The pole's angle runs from -12 to 12 degrees to the right, its speed from -2 to 2 rad/s upwards.
    """
    speed, angle = torch.meshgrid(torch.linspace(2, -2, size), torch.linspace(-0.2095, 0.2095, size), indexing="ij")
    still = torch.zeros(size * size)
    right = model.policy(torch.stack([still, still, angle.flatten(), speed.flatten()], 1)).softmax(-1)[:, 1]
    return (255 * right.detach()).round().to(torch.uint8).view(size, size).numpy()


def train(variant: str, settings: PPOSettings) -> Path | None:
    """Train all seeds; measure and save the first as `ppo.<variant>`; return its folder."""
    name = f"ppo.{variant}"
    agent, run = learn(name, settings)
    others = [learn(f"{name}-{i}", replace(settings, seed=settings.seed + i)) for i in range(1, settings.seeds)]
    results = [facts(*each) for each in [(agent, run), *others]]

    def study(folder: Path) -> None:
        (folder / "study.json").write_text(json.dumps({"tables": {"seeds": seeds_table(results).json()}}) + "\n")

    return publish(
        run, name, agent, cartpole, evaluate, golden,
        extras=lambda *_: ages(run), pictures=lambda model, _: {"samples": policy_map(model, 240)}, tables=survival, progress=PROGRESS,
        complete=study,
    )  # fmt: skip


def ages(run: Run) -> dict[str, Tensor]:
    """Return the agent at each moment of the history: every tensor with a first axis of moments, and their steps."""
    files = [run.folder / "history" / f"{step:08d}.pt" for step in sorted(run.moments)]
    states = [torch.load(file, weights_only=True) for file in files]
    return {key: torch.stack([state[key] for state in states]).half() for key in states[0]}


def facts(model: ActorCritic, run: Run) -> dict[str, Any]:
    """Return one seed's learning curve: greedy and sampled return against steps and seconds."""
    per_update = run.settings.envs * run.settings.rollout
    log = run.log()
    return {
        "seed": run.settings.seed,
        "steps": [record["step"] * per_update for record in log],
        **{key: [round(record[key], 3) for record in log] for key in ("seconds", "greedy_return", "return")},
        "final": float(greedy_returns(model, 1000, seed=UNSEEN).mean()),
    }


def seeds_table(results: list[dict[str, Any]]) -> Table:
    """Lay the seeds' learning out as a table for the card."""
    rows = []
    for r in results:
        i = next((i for i, value in enumerate(r["greedy_return"]) if value >= SOLVED), None)
        reached = ["never", "never"] if i is None else [r["steps"][i], r["seconds"][i]]
        series = [r[key] for key in ("steps", "seconds", "greedy_return")]
        rows.append((str(r["seed"]), *reached, r["steps"][-1], r["seconds"][-1], r["final"], *series))
    return Table(
        "Five seeds",
        f"All of them; the first is shipped. Reached: the greedy policy lasts {SOLVED} steps in the mean of 100 unseen "
        "episodes, looked at after each update; seconds of one thread, without the looking. At the end: 1,000 unseen episodes.",
        (
            Column("seed"), Column("steps to reach it", format=","), Column("seconds to reach it", format=".1f"),
            Column("all steps", format=","), Column("all seconds", format=".1f"), Column("greedy return at the end", format=".1f"),
            Column("steps", series=True), Column("seconds", series=True), Column("greedy return", series=True),
        ),
        tuple(rows),
        (
            Plot("bundle", ("steps", "greedy return"), "steps of all carts", "steps that an episode lasts"),
            Plot("bundle", ("seconds", "greedy return"), "seconds of one core", "steps that an episode lasts"),
        ),
    )  # fmt: skip


def evaluate(model: ActorCritic, data: Any, *, full: bool = False) -> list[Metric]:
    """Play 1,000 unseen episodes."""
    greedy = greedy_returns(model, 1000, seed=UNSEEN)
    drawn = greedy_returns(model, 1000, seed=UNSEEN, draw=True)
    metric = partial(Metric, n=1000, split="unseen starts")
    return [
        metric("greedy_return", float(greedy.mean()), "steps", tolerance=0.5, definition="mean episode length under the greedy policy, of 500 steps at most"),
        metric("greedy_worst", float(greedy.min()), "steps", tolerance=25, definition="the shortest of these episodes"),
        metric("sampled_return", float(drawn.mean()), "steps", tolerance=2, definition="mean episode length under the stochastic policy, as in training"),
    ]  # fmt: skip


FACTORS = [0.1, 0.2, 0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4, 5.6, 8]


def survival(model: ActorCritic, data: Any) -> dict[str, Table]:
    """Return how long the greedy policy lasts when a number of the world is multiplied by each factor."""
    lasts = {
        key: [float(greedy_returns(model, 100, seed=UNSEEN, **{key: cartpole.PHYSICS[key] * factor}).mean()) for factor in FACTORS]
        for key in ("gravity", "length", "force_mag")
    }  # fmt: skip
    return {"survival": survival_table(FACTORS, lasts)}


def survival_table(factors: list[float], lasts: dict[str, list[float]]) -> Table:
    """Lay out steps by the number that was multiplied, in the order of the factors."""
    names = [key.removesuffix("_mag") for key in lasts]
    return Table(
        "Outside what it was trained on",
        "Steps of 500 that the greedy policy lasts, mean of 100 unseen episodes, when one number of the world is multiplied.",
        (Column("times", format="g"), *(Column(name, "steps", ".1f") for name in names)),
        tuple(zip(factors, *lasts.values(), strict=True)),
        (Plot("lines", ("times", *names), "times what it was trained on", "steps", log=True, mark=1),),
    )


def golden(model: ActorCritic) -> dict[str, Tensor]:
    """Return inputs and outputs that a loaded model must reproduce."""
    state = torch.from_numpy(np.stack([cartpole.start(seed) for seed in range(8)])).float() * 4
    return {
        "policy.in.0": state, "policy.out.0": model.policy(state).detach(),
        "value.in.0": state, "value.out.0": model.value(state).detach(),
    }  # fmt: skip
