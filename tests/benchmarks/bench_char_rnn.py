"""The LSTM's training against the plain way, on this machine, in one run: characters a second at the same sizes; and how fast it writes.

    python tests/benchmarks/bench_char_rnn.py

Needs Emerson's Essays (`ZOO_DATA`). The plain way is char-rnn's (Karpathy 2015) in PyTorch: an embedding, nn.LSTM in float32, a linear
layer, Adam, one stream of text read on and on, its state handed on; beside it, as many streams as ours reads windows.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import nn

from train import char_rnn as training
from train.core.average import Average
from train.core.command import start
from train.core.fit import build
from train.core.muon import optimizers_of
from zoo.data import emerson
from zoo.models.char_rnn import CharRNN

SETTINGS = training.VARIANTS["emerson"]
WARM, TIMES, WRITTEN = 2, 8, 2000


class Plain(nn.Module):
    """Embedding, LSTM, linear layer; the state of its streams."""

    def __init__(self, chars: int, size: int, states: int, layers: int):
        super().__init__()
        self.embed = nn.Embedding(chars, size)
        self.read = nn.LSTM(size, states, layers, batch_first=True)
        self.head = nn.Linear(states, chars)
        self.state: tuple | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map character numbers (B, T) to logits (B, T, chars)."""
        h, state = self.read(self.embed(x), self.state)
        self.state = tuple(part.detach() for part in state)
        return self.head(h)


def plainly(data: torch.Tensor, streams: int, window: int) -> Callable[[], int]:
    """Return a step of the plain way with so many streams; it returns how many characters it took."""
    c = SETTINGS.model
    model = Plain(int(data.max()) + 1, c.embedding, c.width, c.layers)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    rows, place = data[: len(data) // streams * streams].view(streams, -1), 0

    def step() -> int:
        nonlocal place
        x, y = rows[:, place : place + window], rows[:, place + 1 : place + window + 1]
        place += window
        optimizer.zero_grad()
        F.cross_entropy(model(x).flatten(0, 1), y.flatten()).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        return x.numel()

    return step


def ours(text: str) -> tuple[Callable[[], int], CharRNN]:
    """Return a step as `train.char_rnn` takes it, and the model."""
    model = build(CharRNN, replace(SETTINGS, model=replace(SETTINGS.model, chars="".join(sorted(set(text) | {"\n"})))))
    batch, size = training.of_text(model, text, SETTINGS.window)
    optimizers = optimizers_of(model, model.cells, SETTINGS)
    average = Average(model, SETTINGS.ema)

    def step() -> int:
        told = batch(torch.randint(size, (SETTINGS.batch_size,)))
        with torch.autocast("cpu", torch.bfloat16, enabled=SETTINGS.bf16):
            loss = model(*told)["loss"]
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        average.update()
        return told[0].numel()

    return step, model


def main() -> None:
    """Take all ways' steps in turn."""
    start()
    text = emerson.load("train")
    step, model = ours(text)
    data = model.encode(text)
    rows = SETTINGS.batch_size
    ways = {
        "ours": step,
        "plain, one stream": plainly(data, 1, SETTINGS.window),
        f"plain, {rows} streams": plainly(data, rows, SETTINGS.window),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for i in range(WARM + TIMES):
        for name, one in ways.items():
            began = time.perf_counter()
            characters = one()
            if i >= WARM:
                taken[name].append(characters / (time.perf_counter() - began))
    speeds = {name: statistics.median(found) for name, found in taken.items()}
    for name, speed in speeds.items():
        print(f"{name:20} {speed:8,.0f} characters a second, {speeds['ours'] / speed:.2f}")
    model.eval().requires_grad_(False)
    began = time.perf_counter()
    model.write("The soul ", WRITTEN, seed=0)
    print(f"{'writes':20} {WRITTEN / (time.perf_counter() - began):8,.0f} characters a second")


if __name__ == "__main__":
    main()
