"""A training run: its steps, its folder with resume point, log and history, and what it publishes."""

import io
import json
import math
import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from PIL import Image
from torch import Tensor, nn
from tqdm import tqdm

import zoo
from train.core.facts import trained
from train.core.settings import Settings, plain
from train.core.steps import batches, learning_rate, moments, seed_step
from zoo import checkpoint
from zoo.card import Metric
from zoo.data import DataSet
from zoo.files import room, whole
from zoo.tables import Progress, Table


class Run:
    """A training run's folder: where it stands, what it logged, and its history; and its steps, one after the other.

    Files are written under a temporary name and then renamed, so a kill at any moment leaves the last
    whole state. State is read with `weights_only=True` and never published.
    """

    def __init__(self, name: str, settings: Settings, total: int, accelerator: Accelerator | None = None, *, data: str):
        """Make the folder.

        Args:
            data: sha256 of what is learnt from, as it was read: a run of other data is another run.
        """
        self.name, self.settings, self.total = name, settings, total
        self.rank: int = accelerator.process_index if accelerator else 0
        self.world: int = accelerator.num_processes if accelerator else 1
        self.main = not self.rank
        self.folder = settings.runs / name
        (self.folder / "history").mkdir(parents=True, exist_ok=True)
        self.moments = set(moments(total, settings.snapshots)) if settings.snapshots else set()
        self.seconds, self._log_bytes = 0.0, 0
        self._identity: dict[str, Any] = {"settings": plain(settings), "data": data}
        self.earlier: list[dict[str, Any]] = []  # what it was told to go on from, with other settings or data

    def steps(
        self,
        batch: Callable[[int], Any],
        *,
        snapshot: Callable[[int], None] | None = None,
        scheduled: Sequence[torch.optim.Optimizer] = (),
        log_every: int = 50,
        **parts: Any,
    ) -> Iterator[tuple[int, Any]]:
        """Give each step from where an earlier run stopped, with its batch, to a loop that learns from it and calls `record`.

        Before a step torch's global generator is seeded by the step's number; after it, it is logged, a resume point is
        written where one is due, and at the history's moments a snapshot is taken.

        Args:
            batch: step -> what the loop learns from. May draw from torch's global generator.
            snapshot: keeps a moment of the history, after so many steps; called without gradients, in the first process.
            scheduled: optimizers whose learning rate follows the settings' schedule.
            log_every: steps between lines of the log, which hold the means of what was recorded.
            parts: all that the next step depends on; anything with `state_dict` and `load_state_dict`.

        Raises:
            ValueError: as `resume`.
            DiskFull: there is no room; the last resume point is kept.
        """

        def moment(step: int) -> None:
            if snapshot and self.main and step in self.moments:
                with torch.no_grad():
                    snapshot(step)

        first = self.resume(**parts)
        moment(first)  # again after a kill between a resume point and its moment
        for step in range(first, self.total):
            seed_step(self.settings.seed, step, self.rank)
            for optimizer in scheduled:
                for group in optimizer.param_groups:
                    group["lr"] = learning_rate(self.settings, step, self.total)
            yield step, batch(step)
            self._after(step + 1, log_every)
            moment(step + 1)

    def examples(self, size: int, lengths: Tensor | None = None) -> Callable[[int], Tensor]:
        """Return a function from a step to this process's share of its example numbers among `size`: see `batches`."""
        own = self.settings
        return batches(size, own.batch_size, seed=own.seed, rank=self.rank, world=self.world, lengths=lengths)

    def resume(self, **parts: Any) -> int:
        """Load the parts from the last state, if there is one that fits; return the step to do next.

        Raises:
            ValueError: the folder holds a run with other settings or other data, and `settings.unfit` says to refuse it; or its
                state cannot be read or loaded.
        """
        self._parts, step = parts, 0
        path = self.folder / "resume.pt"
        if path.exists() and (state := self._fitting(path)):
            try:
                for key, part in parts.items():
                    part.load_state_dict(state[key])
            except (RuntimeError, KeyError, ValueError) as error:
                raise ValueError(f"{path} is the state of another model: delete it, or give another --runs") from error
            step, self.seconds, self._log_bytes = state["step"], state["seconds"], state["log_bytes"]
        self._log = self.folder / "log.jsonl"
        if self.main:
            with open(self._log, "ab") as file:
                file.truncate(self._log_bytes)
        self._began = self._saved = time.monotonic()
        self._before = self.seconds
        self._bar = tqdm(total=self.total, initial=step, desc=self.name, disable=not self.main, mininterval=2)
        self._sums: dict[str, Tensor | float] = {}
        self._count = 0
        return step

    def _fitting(self, path: Path) -> dict[str, Any] | None:
        """Return the state in a file if this run may go on from it; None where it starts afresh."""
        try:
            state = torch.load(path, weights_only=True)
            was, earlier = json.loads(state["identity"]), json.loads(state.get("earlier", "[]"))
        except (RuntimeError, EOFError, pickle.UnpicklingError, KeyError, ValueError) as error:
            raise ValueError(f"{path} cannot be read: delete it to start afresh") from error
        other = " and ".join(key for key, value in self._identity.items() if was.get(key) != value)
        if not other or self.settings.unfit == "go-on":
            self.earlier = [*earlier, was] if other else earlier
            return state
        if self.settings.unfit == "refuse":
            raise ValueError(
                f"{self.folder} holds a run with other {other}: delete it, or give another --runs, "
                "or say --unfit afresh to start again in its place, --unfit go-on to go on with it"
            )
        if self.main:
            print(f"{self.folder} held a run with other {other}: this one starts afresh in its place")
            path.unlink()
        return None

    def record(self, losses: dict[str, Tensor]) -> None:
        """Take up what a step has to log; progress shows "loss", or the first."""
        for key, value in losses.items():
            self._sums[key] = self._sums.get(key, 0.0) + value.detach().float()
        self._count += 1

    def _after(self, done: int, log_every: int) -> None:
        """Close a step: progress, log, and a resume point where one is due."""
        now = time.monotonic()
        self.seconds = self._before + now - self._began
        self._bar.update()
        if done % log_every == 0 or done == self.total:
            means = {key: float(value) / self._count for key, value in self._sums.items()}
            self._sums, self._count = {}, 0
            self._bar.set_postfix({"loss": f"{means.get('loss', next(iter(means.values()), math.nan)):.4g}"})
            if self.main:
                line = json.dumps({"step": done, "seconds": round(self.seconds, 2), **means}).encode() + b"\n"
                with room(self._log), open(self._log, "ab") as file:
                    file.write(line)
            # Only here, where the running means are empty: what a resumed run logs is then the same.
            due = done == self.total or now - self._saved >= self.settings.save_every
            if self.main and due:
                self.save(done)
                self._saved = now

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Do something that is not training: its time does not count."""
        before = time.monotonic()
        yield
        self._began += time.monotonic() - before

    def save(self, step: int) -> None:
        """Write the state after `step` steps."""
        self._log_bytes = self._log.stat().st_size
        state = {key: part.state_dict() for key, part in self._parts.items()}
        state |= {"step": step, "seconds": self.seconds, "log_bytes": self._log_bytes}
        state |= {"identity": json.dumps(self._identity), "earlier": json.dumps(self.earlier)}
        store(state, self.folder / "resume.pt")

    def keep(self, step: int, picture: np.ndarray | None = None, **facts: Any) -> None:
        """Keep one moment of the history: a picture (H, W) or (H, W, 3) uint8, and facts such as losses or texts."""
        if picture is None:
            (self.folder / "history" / f"{step:08d}.png").unlink(missing_ok=True)  # an earlier run's
        else:
            with whole(self.folder / "history" / f"{step:08d}.png") as path:
                Image.fromarray(picture).save(path, "PNG")
        with whole(self.folder / "history" / f"{step:08d}.json") as path:
            path.write_text(json.dumps({"step": step, "seconds": round(self.seconds, 2), **facts}))

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


def store(state: dict[str, Any], path: Path) -> None:
    """Write a state for `torch.load`, whole or not at all.

    Raises:
        DiskFull: there is no room.
    """
    content = io.BytesIO()  # torch itself hides why a file could not be written
    torch.save(state, content)
    with whole(path) as temporary:
        temporary.write_bytes(content.getbuffer())


def publish(
    run: Run,
    name: str,
    model: nn.Module,
    data: DataSet,
    evaluate: Callable[[nn.Module, Any], list[Metric]],
    golden: Callable[[nn.Module], dict[str, Tensor]],
    *,
    extras: Callable[[nn.Module, Any], dict[str, Tensor]] | None = None,
    pictures: Callable[[nn.Module, Any], dict[str, np.ndarray]] | None = None,
    tables: Callable[[nn.Module, Any], dict[str, Table]] | None = None,
    numbers: Callable[[nn.Module, Any], dict[str, Any]] | None = None,
    progress: Progress | None = None,
    complete: Callable[[Path], None] | None = None,
    dtype: str = "float16",
) -> Path | None:
    """Save a trained model, measure what was saved and write the facts beside it: a checkpoint, which takes its place whole.

    Args:
        data: what the settings name.
        evaluate: measures the model as it loads from the folder, on the data.
        golden: function of the model as it loads from the folder.
        extras, pictures, tables, numbers: functions of that model and the data; `pictures` gives grey or colour arrays
            for `<key>.webp`, `tables` what cards and pages show, `numbers` what only code reads.
        progress: what the history's moments and its curve hold.
        complete: writes what else belongs to the checkpoint, such as a study, into its folder, when all of the above is there.
        dtype: storage of the weights; as `zoo.checkpoint.write`.

    Returns:
        the folder; None in all but the first process.

    Raises:
        DiskFull: there is no room; a checkpoint that was there is as it was.
    """
    if not run.main:
        return None

    def facts(folder: Path) -> None:
        shipped = checkpoint.read(folder)
        frames, history = run.history()
        if frames:
            _webp(np.concatenate(frames), folder / "history.webp")
        with whole(folder / "history.json") as path:
            path.write_text(json.dumps(history | (progress or Progress()).json()) + "\n")
        for key, picture in (pictures(shipped, data) if pictures else {}).items():
            _webp(picture, folder / f"{key}.webp")
        training = trained(name, run.settings, data, steps=run.total, seconds=run.seconds) | {
            "weights_sha256": checkpoint.sha256(folder),
            "parameters": sum(p.numel() for p in model.parameters()),
        }
        if run.earlier:
            training["earlier"] = run.earlier
        measured = {"metrics": [asdict(metric) for metric in evaluate(shipped, data)], "training": training}
        if tables:
            measured["tables"] = {name: table.json() for name, table in tables(shipped, data).items()}
        if numbers:
            measured["numbers"] = numbers(shipped, data)
        for stem, made in (("golden", golden(shipped)), ("extras", extras(shipped, data) if extras else None)):
            if made:
                checkpoint.write_tensors(folder / f"{stem}.safetensors", made)
        checkpoint.write_facts(folder, measured)
        if complete:
            complete(folder)

    return zoo.save(model, name, folder=run.settings.checkpoints, dtype=dtype, complete=facts)


def _webp(pixels: np.ndarray, path: Path) -> None:
    with whole(path) as temporary:
        lossless = pixels.ndim == 2  # colour compresses badly
        Image.fromarray(pixels).save(temporary, "WEBP", lossless=lossless, quality=90)
