"""Toy: one matrix turns noise into pictures, x = sigmoid(W z + b); as far from the data as Székely's energy distance says."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from zoo.nn import noise

PAPER, TASK, TAKES, MAKES, PICTURES = "doi:10.1016/j.jspi.2013.03.018", "generate", ("latent",), "picture", {}
USE = "x = model.sample(16, seed=0)  # (16, 1, 28, 28) in [0, 1]"


@dataclass(frozen=True)
class Config:
    latent: int = 8


class Toy(nn.Module):
    def __init__(self, config: Config = Config()):
        super().__init__()
        self.config, self.draw = config, nn.Linear(config.latent, 784)

    def decode(self, z: Tensor) -> Tensor:  # (B, latent) -> (B, 1, 28, 28) in [0, 1]
        return self.draw(z).sigmoid().view(-1, 1, 28, 28)

    def sample(self, n: int, *, seed: int, temperature: float = 1.0) -> Tensor:
        return self.decode(temperature * noise(n, self.config.latent, seed=seed))

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        x, y = x.flatten(1), self.decode(torch.randn(len(x), self.config.latent)).flatten(1)
        return {"loss": 2 * torch.cdist(x, y).mean() - torch.cdist(y, y).mean()}


Model = Toy
