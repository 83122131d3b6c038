"""The LSTM's training against the plain way, on this machine, in one run: messages a second at the same sizes, over the same epoch.

    python tests/benchmarks/bench_text_classifier.py

Needs the SMS Spam Collection (`ZOO_DATA`). The plain way is a notebook's: word numbers padded to the batch's longest, an embedding, one
bidirectional LSTM in float32, its last states, a linear layer, AdamW. Ours reads pieces and shapes of words beside, drops numbers and
averages weights; its batches are of messages of like length, and it has bfloat16 where `--bf16` ships.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pad_sequence

from train import text_classifier as training
from train.core.average import Average
from train.core.command import start
from train.core.steps import batches
from zoo.data import sms
from zoo.models.text_classifier import Batch

SETTINGS = training.VARIANTS["spam-lstm"]
WARM = 3


class Plain(nn.Module):
    """Embedding, LSTM, last states, linear layer."""

    def __init__(self, words: int, size: int, states: int):
        super().__init__()
        self.embed = nn.Embedding(words, size)
        self.read = nn.LSTM(size, states, batch_first=True, bidirectional=True)
        self.head = nn.Linear(2 * states, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map word numbers (B, T) to logits (B, 2)."""
        _, (h, _) = self.read(self.embed(x))
        return self.head(torch.cat([h[0], h[1]], 1))


def main() -> None:
    """Take both ways' steps of one epoch in turn."""
    start()
    texts, y = sms.load("train")
    model = training.started(replace(SETTINGS, model=replace(SETTINGS.model, members=1)), texts)
    words, labels = [model.encode(text) for text in texts], torch.from_numpy(y)
    numbers = [torch.tensor([word.number for word in text]) for text in words]
    size = model.config.given + model.config.embedding
    plain = Plain(model.config.words + 2, size, model.config.states)
    optimizers = [torch.optim.AdamW(one.parameters(), lr=1e-3, fused=one is model) for one in (model, plain)]
    average = Average(model, SETTINGS.ema)

    def ours(rows: torch.Tensor) -> None:
        batch = Batch.of([words[i] for i in rows.tolist()])
        with torch.autocast("cpu", torch.bfloat16, enabled=SETTINGS.bf16):
            loss = model(batch, labels[rows])["loss"]
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizers[0].step()
        optimizers[0].zero_grad()
        average.update()

    def plainly(rows: torch.Tensor) -> None:
        x = pad_sequence([numbers[i] for i in rows.tolist()], batch_first=True)
        F.cross_entropy(plain(x), labels[rows]).backward()
        optimizers[1].step()
        optimizers[1].zero_grad()

    ways: dict[str, Callable[[torch.Tensor], None]] = {"ours": ours, "plain": plainly}
    taken: dict[str, list[float]] = {name: [] for name in ways}
    lengths = torch.tensor([len(text) for text in words])
    rows = {
        "ours": batches(len(texts), SETTINGS.batch_size, seed=0, lengths=lengths),
        "plain": batches(len(texts), SETTINGS.batch_size, seed=0),
    }
    for i in range(-WARM, len(texts) // SETTINGS.batch_size):
        for name, step in ways.items():
            chosen = rows[name](max(i, 0))
            began = time.perf_counter()
            step(chosen)
            if i >= 0:
                taken[name].append(time.perf_counter() - began)
    speeds = {name: SETTINGS.batch_size / statistics.mean(found) for name, found in taken.items()}
    for name, speed in speeds.items():
        print(f"{name:6} {speed:8.0f} messages a second")
    print(f"ours is {speeds['ours'] / speeds['plain']:.2f} times the plain way")


if __name__ == "__main__":
    main()
