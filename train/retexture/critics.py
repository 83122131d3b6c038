"""The butterflies' two opponents in training: a discriminator of painted pictures, and an adversary that reads shapes off z."""

import torch
from torch import Tensor, nn

from zoo.models.retexture import Config


class Discriminator(nn.Module):
    """Tells painted halves from real ones by patches, given the drawing."""

    def __init__(self, width: int = 64):
        super().__init__()
        w, norm = width, nn.utils.parametrizations.spectral_norm
        self.layers = nn.ModuleList(
            [
                nn.Sequential(nn.PixelUnshuffle(4), norm(nn.Conv2d(5 * 16, 2 * w, 3, padding=1)), nn.LeakyReLU(0.2)),
                nn.Sequential(norm(nn.Conv2d(2 * w, 3 * w, 4, stride=2, padding=1)), nn.LeakyReLU(0.2)),
                nn.Sequential(norm(nn.Conv2d(3 * w, 3 * w, 3, padding=1)), nn.LeakyReLU(0.2)),
            ]
        )
        self.head = norm(nn.Conv2d(3 * w, 1, 3, padding=1))

    def forward(self, picture: Tensor, strokes: Tensor, silhouette: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return patch scores (B, 1, H / 8, W / 8), and the features on the way."""
        h, features = torch.cat([picture, strokes, silhouette], 1), []
        for layer in self.layers:
            h = layer(h)
            features.append(h)
        return self.head(h), features


class Adversary(nn.Module):
    """Guesses the shape from z: silhouette and drawing at 1/8 size; and what the kind alone tells."""

    height, width = 32, 18

    def __init__(self, config: Config, kinds: int):
        super().__init__()
        cells = config.rows // 8 * config.columns // 8
        out = 2 * self.height * self.width
        self.layers = nn.Sequential(
            nn.Conv2d(config.latent, 64, 3, padding=1), nn.SiLU(), nn.Conv2d(64, 32, 3, padding=1), nn.SiLU(),
            nn.Flatten(), nn.Linear(32 * cells, 512), nn.SiLU(), nn.Linear(512, out),
        )  # fmt: skip
        self.common = nn.Parameter(torch.zeros(out))
        self.kind = nn.Embedding(kinds, out)
        nn.init.zeros_(self.kind.weight)

    def forward(self, z: Tensor) -> Tensor:
        """Map z to logits (B, 2 * 32 * 18) of silhouette and drawing."""
        return self.layers(z)

    def by_kind(self, kind: Tensor) -> Tensor:
        """Return the logits that kinds (B,) alone tell: (B, 2 * 32 * 18)."""
        return self.common + self.kind(kind)
