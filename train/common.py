"""What every training script shares: settings, batches, resume, log, history, and the one-loss loop."""

import ctypes.util
import json
import math
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
import tyro
from PIL import Image
from torch import Tensor, nn
from tqdm import tqdm

import zoo
from zoo import checkpoint
from zoo.card import Metric

FREE = {"runs", "checkpoints", "save_every"}  # settings without influence on the weights


@dataclass(frozen=True)
class Settings:
    """Settings that every run has; a family's script adds its own and sets the defaults."""

    epochs: float = 10
    """passes over the training data"""
    batch_size: int = 128
    """examples a step, over all processes"""
    lr: float = 1e-3
    """peak learning rate"""
    schedule: str = "cosine"
    """'cosine' (linear warm-up, then half a cosine to 0) or 'constant'"""
    warmup: int = 200
    """steps of linear warm-up"""
    weight_decay: float = 0.0
    """decoupled weight decay (AdamW)"""
    ema: float = 0.999
    """decay of the moving average of the weights, which is what ships; 0 ships the weights themselves"""
    bf16: bool = True
    """bfloat16 autocast"""
    seed: int = 0
    """seed of everything"""
    holdout: int = 0
    """keep back the last N training examples as validation, for the choice of settings"""
    snapshots: int = 24
    """log-spaced moments at which the history is kept"""
    save_every: float = 60
    """seconds between resume points"""
    runs: Path = Path("runs")
    """folder for resume states and logs (git-ignored)"""
    checkpoints: Path | None = None
    """where the finished checkpoint goes; the repository's checkpoints/ unless given"""


def start() -> None:
    """Start the process again under tcmalloc where the library is installed.

    Large activations cost more in page faults than in arithmetic under glibc's allocator. Everything
    works without it, only slower.
    """
    library = ctypes.util.find_library("tcmalloc_minimal")
    if library and "tcmalloc" not in os.environ.get("LD_PRELOAD", ""):
        preload = f"{library}:{os.environ.get('LD_PRELOAD', '')}".rstrip(":")
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, "LD_PRELOAD": preload})


def batches(size: int, batch_size: int, *, seed: int, rank: int = 0, world: int = 1) -> Callable[[int], Tensor]:
    """Return a function from a step to that step's example numbers: each epoch its own shuffle.

    It has no state, so a resumed run needs nothing but its step. Examples left over at the end of an
    epoch are dropped.

    Returns:
        step -> (batch_size / world,) int64, the share of this process.
    """
    per_epoch = max(1, size // batch_size)
    order, current = torch.arange(0), -1

    def indices(step: int) -> Tensor:
        nonlocal order, current
        epoch, position = divmod(step, per_epoch)
        if epoch != current:
            order = torch.randperm(size, generator=torch.Generator().manual_seed(seed * 1_000_003 + epoch))
            current = epoch
        return order[position * batch_size : (position + 1) * batch_size][rank::world]

    return indices


def steps_of(settings: Settings, size: int) -> int:
    """Return the number of steps that the settings ask for on `size` examples."""
    return max(1, round(settings.epochs * (size // settings.batch_size)))


def seed_step(seed: int, step: int, rank: int = 0) -> None:
    """Seed torch's global generator for one training step, so a resumed run draws the same noise."""
    torch.manual_seed((seed << 40) + (rank << 32) + step)


def learning_rate(settings: Settings, step: int, steps: int) -> float:
    """Return the learning rate of a step: warm-up, then by the schedule."""
    if step < settings.warmup:
        return settings.lr * (step + 1) / settings.warmup
    if settings.schedule == "constant":
        return settings.lr
    done = (step - settings.warmup) / max(1, steps - settings.warmup)
    return settings.lr * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


def moments(steps: int, count: int) -> list[int]:
    """Return log-spaced steps from 10 to `steps`, and 0: at most `count` of them."""
    spaced = np.unique(np.geomspace(min(10, steps), steps, max(1, count - 1)).round().astype(int))
    return [0, *spaced.tolist()]


def build(model: type[nn.Module], settings: Settings) -> nn.Module:
    """Return an untrained model of the settings' `model` config, the same for the same seed."""
    torch.manual_seed(settings.seed)
    return model(settings.model)


def average(model: nn.Module, decay: float) -> torch.optim.swa_utils.AveragedModel:
    """Return the moving average of a model's weights and buffers; decay 0 follows them exactly.

    The decay rises to its value as (1 + n) / (10 + n) over the first updates n, so that the average
    does not drag the untrained weights along.
    """

    def mix(averaged: list[Tensor], current: list[Tensor], updates: Tensor) -> None:
        n = float(updates)
        share = 1 - min(decay, (1 + n) / (10 + n))
        if averaged[0].is_floating_point():
            torch._foreach_lerp_(averaged, current, share)
        else:
            torch._foreach_copy_(averaged, current)

    return torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=mix, use_buffers=True)


class Run:
    """A training run's folder: where it stands, what it logged, and its history.

    Files are written under a temporary name and then renamed, so a kill at any moment leaves the last
    whole state. State is read with `weights_only=True` and never published.
    """

    def __init__(self, name: str, settings: Settings, steps: int, *, main: bool = True):
        self.name, self.settings, self.steps, self.main = name, settings, steps, main
        self.folder = settings.runs / name
        (self.folder / "history").mkdir(parents=True, exist_ok=True)
        self.moments = set(moments(steps, settings.snapshots)) if settings.snapshots else set()
        self.seconds, self._log_bytes = 0.0, 0
        self._identity = json.dumps({k: v for k, v in asdict(settings).items() if k not in FREE})

    def resume(self, **parts: Any) -> int:
        """Load the parts (anything with `load_state_dict`) from the last state; return the step to do next.

        Raises:
            ValueError: the folder holds a run with other settings.
        """
        self._parts, step = parts, 0
        path = self.folder / "resume.pt"
        if path.exists():
            state = torch.load(path, weights_only=True)
            if state["identity"] != self._identity:
                raise ValueError(f"{self.folder} holds a run with other settings: delete it, or give another --runs")
            for key, part in parts.items():
                part.load_state_dict(state[key])
            step, self.seconds, self._log_bytes = state["step"], state["seconds"], state["log_bytes"]
        self._log = open(self.folder / "log.jsonl", "ab")  # noqa: SIM115 - closed at the process's end
        self._log.truncate(self._log_bytes)
        self._began = self._saved = time.monotonic()
        self._before = self.seconds
        self._bar = tqdm(total=self.steps, initial=step, desc=self.name, disable=not self.main, mininterval=2)
        self._sums: dict[str, float] = {}
        self._count = 0
        return step

    def after_step(self, step: int, losses: dict[str, Tensor], log_every: int = 50) -> None:
        """Record a step that is done: log, progress bar, and a resume point where one is due."""
        for key, value in losses.items():
            self._sums[key] = self._sums.get(key, 0.0) + value.detach().float()
        self._count += 1
        now = time.monotonic()
        self.seconds = self._before + now - self._began
        done = step + 1
        self._bar.update()
        if done % log_every == 0 or done == self.steps:
            means = {key: float(value) / self._count for key, value in self._sums.items()}
            self._sums, self._count = {}, 0
            self._bar.set_postfix({"loss": f"{means.get('loss', next(iter(means.values()))):.4g}"})
            if self.main:
                self._log.write(json.dumps({"step": done, "seconds": round(self.seconds, 2), **means}).encode() + b"\n")
                self._log.flush()
            # Only here, where the running means are empty: what a resumed run logs is then the same.
            due = done == self.steps or now - self._saved >= self.settings.save_every
            if self.main and due:
                self.save(done)
                self._saved = now

    def save(self, step: int) -> None:
        """Write the state after `step` steps."""
        self._log_bytes = self._log.tell()
        state = {key: part.state_dict() for key, part in self._parts.items()}
        state |= {"step": step, "seconds": self.seconds, "log_bytes": self._log_bytes, "identity": self._identity}
        temporary = self.folder / "resume.tmp"
        torch.save(state, temporary)
        os.replace(temporary, self.folder / "resume.pt")

    def keep(self, step: int, picture: np.ndarray, **facts: float) -> None:
        """Keep one moment of the history: a grey picture (H, W) uint8 and measured facts."""
        Image.fromarray(picture).save(self.folder / "history" / f"{step:08d}.png")
        record = {"step": step, "seconds": round(self.seconds, 2), **facts}
        (self.folder / "history" / f"{step:08d}.json").write_text(json.dumps(record))

    def log(self) -> list[dict[str, float]]:
        """Return the records logged so far."""
        return [json.loads(line) for line in (self.folder / "log.jsonl").read_text().splitlines()]

    def history(self, points: int = 200) -> tuple[list[Image.Image], dict[str, Any]]:
        """Return the kept pictures, and {"moments": facts of each, "curve": the log, thinned}."""
        files = [self.folder / "history" / f"{step:08d}.json" for step in sorted(self.moments)]
        files = [file for file in files if file.exists()]
        log = self.log()
        curve = [log[i] for i in np.unique(np.linspace(0, len(log) - 1, points).round().astype(int))]
        frames = [Image.open(file.with_suffix(".png")).copy() for file in files]
        return frames, {"moments": [json.loads(file.read_text()) for file in files], "curve": curve}


def fit(
    name: str,
    model: nn.Module,
    batch: Callable[[Tensor], tuple],
    size: int,
    settings: Settings,
    *,
    snapshot: Callable[[Run, nn.Module, int], None] | None = None,
) -> tuple[nn.Module, Run]:
    """Train a model whose `forward` returns {"loss": scalar, ...}; resume where an earlier run stopped.

    Args:
        name: folder of the run under `settings.runs`.
        batch: example numbers -> arguments of `forward`. May draw from torch's global generator,
            which is seeded for each step.
        size: number of training examples.
        snapshot: called with (run, averaged model in eval mode, step) at the history's moments.

    Returns:
        the averaged model in eval mode, and the run.
    """
    from accelerate import Accelerator

    accelerator = Accelerator(mixed_precision="bf16" if settings.bf16 else "no")
    steps = steps_of(settings, size)
    run = Run(name, settings, steps, main=accelerator.is_main_process)
    model.to(memory_format=torch.channels_last)
    decayed = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": decayed}, {"params": plain, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=settings.lr, weight_decay=settings.weight_decay, fused=True)
    ema = average(model, settings.ema)
    first = run.resume(model=model, ema=ema, optimizer=optimizer)
    wrapped, optimizer = accelerator.prepare(model, optimizer)
    rank, world = accelerator.process_index, accelerator.num_processes
    indices = batches(size, settings.batch_size, seed=settings.seed, rank=rank, world=world)

    def moment(step: int) -> None:
        if snapshot and run.main and step in run.moments:
            ema.eval()
            with torch.no_grad():
                snapshot(run, ema.module, step)

    model.train()
    moment(first)  # again after a kill between a resume point and its moment
    for step in range(first, steps):
        seed_step(settings.seed, step, rank)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(settings, step, steps)
        losses = wrapped(*batch(indices(step)))
        accelerator.backward(losses["loss"])
        optimizer.step()
        optimizer.zero_grad()
        ema.update_parameters(model)
        run.after_step(step, losses)
        moment(step + 1)
    return ema.module.eval(), run


def hardware() -> str:
    """Name the machine: its GPU, else its cores."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    return f"{os.cpu_count()} cores, {name}"


def kept(data: tuple[np.ndarray, np.ndarray], settings: Settings) -> tuple[np.ndarray, ...]:
    """Return the training arrays less the last `holdout` examples."""
    return tuple(array[: len(array) - settings.holdout] for array in data)


def validation(data: ModuleType, settings: Settings) -> tuple[Tensor, Tensor]:
    """Return what the history's curves are measured on: the held-out training digits, else the test digits.

    Nothing is chosen by these curves in a run without `--holdout`.

    Returns:
        x (N, 1, 28, 28) in [0, 1], y (N,).
    """
    images, y = data.load("train" if settings.holdout else "test")
    if settings.holdout:
        images, y = images[-settings.holdout :], y[-settings.holdout :]
    return torch.tensor(images)[:, None].float() / 255, torch.tensor(y)


def main(variants: dict[str, Settings], train: Callable[[str, Any], Path | None]) -> None:
    """Run a family's command line: `python -m train.<family> VARIANT [--setting value ...]`."""
    start()
    described = {name: (f"train {name}", settings) for name, settings in variants.items()}
    settings = tyro.extras.overridable_config_cli(described, description=sys.modules["__main__"].__doc__)
    variant = next(arg for arg in sys.argv[1:] if arg in variants)
    folder = train(variant, settings)
    if folder:
        print(f"Saved {folder}")


def publish(
    run: Run,
    name: str,
    model: nn.Module,
    data: ModuleType,
    evaluate: Callable[[nn.Module], list[Metric]],
    golden: Callable[[nn.Module], dict[str, Tensor]],
    *,
    extras: Callable[[nn.Module], dict[str, Tensor]] | None = None,
    pictures: Callable[[nn.Module], dict[str, np.ndarray]] | None = None,
    tables: Callable[[nn.Module], dict[str, Any]] | None = None,
) -> Path | None:
    """Save a trained model as a checkpoint, then measure what was saved and write the facts beside it.

    Args:
        data: the data set's module in `zoo.data`.
        evaluate, golden, extras, pictures, tables: functions of the model as it loads from the folder;
            `pictures` gives grey arrays for `<key>.webp`, `tables` lists for the pages.

    Returns:
        the folder; None in all but the first process.
    """
    if not run.main:
        return None
    folder = zoo.save(model, name, folder=run.settings.checkpoints)
    shipped = checkpoint.read(folder)
    frames, history = run.history()
    _webp(frames, folder / "history.webp", duration=200)
    (folder / "history.json").write_text(json.dumps(history) + "\n")
    for key, picture in (pictures(shipped) if pictures else {}).items():
        _webp([Image.fromarray(picture)], folder / f"{key}.webp")
    command = " ".join(["python -m", f"train.{name.split('.')[0]}", *sys.argv[1:]])
    training = {
        "command": command,
        "data": data.__name__.rpartition(".")[2],
        "data_sha256": data.SHA256,
        "weights_sha256": checkpoint.sha256(folder),
        "seed": run.settings.seed,
        "steps": run.steps,
        "seconds": round(run.seconds, 1),
        "hardware": hardware(),
        "torch": torch.__version__,
        "parameters": sum(p.numel() for p in model.parameters()),
        "settings": {k: v for k, v in asdict(run.settings).items() if k not in FREE},
    }
    measured = {"metrics": [asdict(metric) for metric in evaluate(shipped)], "training": training}
    if tables:
        measured["tables"] = tables(shipped)
    return zoo.save(
        model,
        name,
        folder=run.settings.checkpoints,
        golden=golden(shipped),
        extras=extras(shipped) if extras else None,
        facts=measured,
    )


def _webp(frames: list[Image.Image], path: Path, **options: Any) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    frames[0].save(temporary, "WEBP", lossless=True, save_all=len(frames) > 1, append_images=frames[1:], **options)
    os.replace(temporary, path)
