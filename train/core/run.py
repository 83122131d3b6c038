"""A training run: its settings, its folder with resume point, log and history, and what it publishes."""

import json
import os
import platform
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from tqdm import tqdm

import zoo
from zoo import checkpoint
from zoo.card import Metric
from zoo.tables import Progress, Table

FREE = {"runs", "checkpoints", "save_every"}  # settings without influence on the weights


def plain(settings: "Settings") -> dict[str, Any]:
    """Return the settings that the weights depend on, as JSON knows them."""
    kept = {k: v for k, v in asdict(settings).items() if k not in FREE}
    return {k: str(v) if isinstance(v, Path) else v for k, v in kept.items()}


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
    compile: bool = False
    """compile the model (torch.compile) where there is a C++ compiler: a gain for small dense networks, a loss for convolutions"""
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


def moments(steps: int, count: int) -> list[int]:
    """Return log-spaced steps from 10 to `steps`, and 0: at most `count` of them."""
    spaced = np.unique(np.geomspace(min(10, steps), steps, max(1, count - 1)).round().astype(int))
    return [0, *spaced.tolist()]


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
        self._identity = json.dumps(plain(settings))

    def resume(self, **parts: Any) -> int:
        """Load the parts (anything with `load_state_dict`) from the last state; return the step to do next.

        Raises:
            ValueError: the folder holds a run with other settings.
        """
        self._parts, step = parts, 0
        path = self.folder / "resume.pt"
        if path.exists():
            state = torch.load(path, weights_only=True)
            if json.loads(state["identity"]) != json.loads(self._identity):
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

    @contextmanager
    def paused(self):
        """Do something that is not training: its time does not count."""
        before = time.monotonic()
        yield
        self._began += time.monotonic() - before

    def save(self, step: int) -> None:
        """Write the state after `step` steps."""
        self._log_bytes = self._log.tell()
        state = {key: part.state_dict() for key, part in self._parts.items()}
        state |= {"step": step, "seconds": self.seconds, "log_bytes": self._log_bytes, "identity": self._identity}
        temporary = self.folder / "resume.tmp"
        torch.save(state, temporary)
        os.replace(temporary, self.folder / "resume.pt")

    def keep(self, step: int, picture: np.ndarray | None = None, **facts: Any) -> None:
        """Keep one moment of the history: a picture (H, W) or (H, W, 3) uint8, and facts such as losses or texts."""
        if picture is not None:
            Image.fromarray(picture).save(self.folder / "history" / f"{step:08d}.png")
        record = {"step": step, "seconds": round(self.seconds, 2), **facts}
        (self.folder / "history" / f"{step:08d}.json").write_text(json.dumps(record))

    def log(self) -> list[dict[str, float]]:
        """Return the records logged so far."""
        return [json.loads(line) for line in (self.folder / "log.jsonl").read_text().splitlines()]

    def history(self, points: int = 200) -> tuple[list[np.ndarray], dict[str, Any]]:
        """Return the kept pictures (H, W) or (H, W, 3) uint8, and {"moments": facts of each, "curve": the log, thinned}."""
        files = [self.folder / "history" / f"{step:08d}.json" for step in sorted(self.moments)]
        files = [file for file in files if file.exists()]
        log = self.log()
        curve = [log[i] for i in np.unique(np.linspace(0, len(log) - 1, points).round().astype(int))]
        pictures = [file.with_suffix(".png") for file in files]
        frames = [np.asarray(Image.open(picture)) for picture in pictures if picture.exists()]
        return frames, {"moments": [json.loads(file.read_text()) for file in files], "curve": curve}


def hardware() -> str:
    """Name the machine: its GPU, else its cores."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    return f"{os.cpu_count()} cores, {name}"


def publish(
    run: Run,
    name: str,
    model: nn.Module,
    data: ModuleType,
    evaluate: Callable[[nn.Module, Any], list[Metric]],
    golden: Callable[[nn.Module], dict[str, Tensor]],
    *,
    extras: Callable[[nn.Module], dict[str, Tensor]] | None = None,
    pictures: Callable[[nn.Module], dict[str, np.ndarray]] | None = None,
    tables: Callable[[nn.Module], dict[str, Table]] | None = None,
    numbers: Callable[[nn.Module], dict[str, Any]] | None = None,
    progress: Progress | None = None,
) -> Path | None:
    """Save a trained model as a checkpoint, then measure what was saved and write the facts beside it.

    Args:
        data: the data set's module in `zoo.data`.
        evaluate: measures the model as it loads from the folder, on the data.
        golden, extras, pictures, tables, numbers: functions of the model as it loads from the folder; `pictures` gives
            grey or colour arrays for `<key>.webp`, `tables` what cards and pages show, `numbers` what only code reads.
        progress: what the history's moments and its curve hold.

    Returns:
        the folder; None in all but the first process.
    """
    if not run.main:
        return None
    folder = zoo.save(model, name, folder=run.settings.checkpoints)
    shipped = checkpoint.read(folder)
    frames, history = run.history()
    if frames:
        _webp(np.concatenate(frames), folder / "history.webp")
    (folder / "history.json").write_text(json.dumps(history | (progress or Progress()).json()) + "\n")
    for key, picture in (pictures(shipped) if pictures else {}).items():
        _webp(picture, folder / f"{key}.webp")
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
        "settings": plain(run.settings),
    }
    measured = {"metrics": [asdict(metric) for metric in evaluate(shipped, data)], "training": training}
    if tables:
        measured["tables"] = {name: table.json() for name, table in tables(shipped).items()}
    if numbers:
        measured["numbers"] = numbers(shipped)
    return zoo.save(
        model,
        name,
        folder=run.settings.checkpoints,
        golden=golden(shipped),
        extras=extras(shipped) if extras else None,
        facts=measured,
    )


def _webp(pixels: np.ndarray, path: Path) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    Image.fromarray(pixels).save(temporary, "WEBP", lossless=pixels.ndim == 2, quality=90)  # colour compresses badly
    os.replace(temporary, path)
