"""Fresh networks that read off a code what is still in it."""

import numpy as np
import torch
from torch import Tensor, nn


def mlp(inputs: int, outputs: int) -> nn.Module:
    """Return a probe's network."""
    return nn.Sequential(
        nn.Linear(inputs, 512), nn.SiLU(), nn.Dropout(0.2), nn.Linear(512, 512), nn.SiLU(), nn.Linear(512, outputs)
    )


def attributes(kinds: np.ndarray, known: np.ndarray) -> Tensor:
    """Return what kinds (N,) say as numbers: one for each species, form, view and kind among the known, (N, M) of 0 and 1."""

    def parts(kind: str) -> list[str]:
        return [kind, *(f"{i}:{part}" for i, part in enumerate(kind.split("|")))]

    names = sorted({part for kind in known for part in parts(kind)})
    place = {name: i for i, name in enumerate(names)}
    rows = torch.zeros(len(kinds), len(names))
    for row, kind in zip(rows, kinds, strict=True):
        row[[place[part] for part in parts(kind) if part in place]] = 1
    return rows


def probe(
    train_x: Tensor, train_y: Tensor, test_x: Tensor, network: nn.Module, loss, *, epochs: int = 60, seed: int = 0
) -> Tensor:
    """Train a fresh network from x to y and return what it says of test_x, stopped by a tenth of the training pairs."""
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(train_x), generator=generator)
    held, rest = order[: len(order) // 10], order[len(order) // 10 :]
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0.05)
    best, answer = torch.inf, None
    with torch.enable_grad():
        for _ in range(epochs):
            network.train()
            for part in rest[torch.randperm(len(rest), generator=generator)].split(64):
                optimizer.zero_grad()
                loss(network(train_x[part]), train_y[part]).backward()
                optimizer.step()
            network.eval()
            with torch.no_grad():
                held_loss = float(loss(network(train_x[held]), train_y[held]))
                if held_loss < best:
                    best, answer = held_loss, network(test_x)
    return answer
