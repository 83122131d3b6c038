"""PPO against CleanRL's, on this machine, in one run: seconds and steps until the greedy policy lasts 495 steps in the mean.

    python tests/benchmarks/bench_ppo.py path/to/cleanrl/ppo.py

CleanRL's single-file `ppo.py` runs as it is, with its defaults (500,000 steps), but for its TensorBoard writer, which is left
out: that favours it. Both are looked at on the same 100 unseen starts; looking costs neither any time. CleanRL is looked at
after every fourth of its 976 updates (2,048 steps), ours after each of its own.
"""

import contextlib
import io
import runpy
import statistics
import sys
import tempfile
import time
import types
from dataclasses import replace
from pathlib import Path

import torch

from train import ppo

EVERY = 4


class Enough(Exception):
    """CleanRL has reached it."""


def cleanrl(path: str, seed: int) -> dict[str, float]:
    """Run CleanRL's script until its greedy policy has learned; return steps, seconds, and steps a second."""
    found, looked, updates = {}, 0.0, 0

    class Writer:
        """Stands in for TensorBoard's: the last thing that each update writes is when it is looked at."""

        def __init__(self, *_):
            self.began = time.perf_counter()

        def add_text(self, *_):
            self.began = time.perf_counter()  # just before the agent is made

        def add_scalar(self, tag, _, step):
            nonlocal looked, updates
            if tag != "charts/SPS":
                return
            updates += 1
            now = time.perf_counter()
            seconds = now - self.began - looked
            found.update(steps=step, seconds=seconds, speed=step / seconds)
            if updates % EVERY == 0:
                agent = sys._getframe(1).f_globals["agent"]
                actor = types.SimpleNamespace(act=lambda state, noise=None: agent.actor(state).argmax(-1))
                if ppo.greedy_returns(actor, 100, seed=ppo.UNSEEN + 1).mean() >= ppo.SOLVED:
                    found["reached"] = True
                    raise Enough
            looked += time.perf_counter() - now

        def close(self):
            pass

    sys.modules["torch.utils.tensorboard"] = types.SimpleNamespace(SummaryWriter=Writer)
    arguments, sys.argv = sys.argv, [path, "--seed", str(seed)]
    try:
        with contextlib.suppress(Enough), contextlib.redirect_stdout(io.StringIO()):
            runpy.run_path(path, run_name="__main__")
    finally:
        sys.argv = arguments
    return found


def ours(seed: int) -> dict[str, float]:
    """Train with the script's defaults; return the same."""
    with tempfile.TemporaryDirectory() as runs, contextlib.redirect_stderr(io.StringIO()):
        _, run = ppo.learn(
            "ppo", replace(ppo.VARIANTS["cartpole"], seed=seed, snapshots=1, save_every=1e9, runs=Path(runs))
        )
        log, per_update = run.log(), run.settings.envs * run.settings.rollout
    first = next((record for record in log if record["greedy_return"] >= ppo.SOLVED), log[-1])
    return {
        "steps": first["step"] * per_update, "seconds": first["seconds"],
        "speed": log[-1]["step"] * per_update / log[-1]["seconds"], "reached": first["greedy_return"] >= ppo.SOLVED,
    }  # fmt: skip


def main() -> None:
    """Train five seeds of each, in turn, and print both and their ratios."""
    if len(sys.argv) < 2:
        print(__doc__)
        return
    rows = {"ours": [], "CleanRL": []}
    for seed in range(5):
        rows["ours"].append(ours(seed))
        threads = torch.get_num_threads()
        rows["CleanRL"].append(cleanrl(sys.argv[1], seed + 1))
        torch.set_num_threads(threads)
        for name in rows:
            r = rows[name][-1]
            bound = "" if r.get("reached") else " (not reached: a lower bound)"
            print(
                f"seed {seed}  {name:8} {r['steps']:8,} steps {r['seconds']:7.2f} s {r['speed']:8,.0f} steps/s{bound}",
                flush=True,
            )
    median = {
        name: {key: statistics.median(r[key] for r in found) for key in ("steps", "seconds", "speed")}
        for name, found in rows.items()
    }
    print(f"medians: ours {median['ours']}, CleanRL {median['CleanRL']}")
    print(f"wall time: {median['CleanRL']['seconds'] / median['ours']['seconds']:.1f} times less; ", end="")
    print(f"steps a second: {median['ours']['speed'] / median['CleanRL']['speed']:.1f} times more")


if __name__ == "__main__":
    main()
