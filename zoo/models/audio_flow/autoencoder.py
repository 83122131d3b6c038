"""The autoencoder: a spectrogram's frames, two at a time, to a few numbers, and back.

What it writes is a distribution: for each place of the spectrogram the likeliest value m and how far from it the real one may be,

    p(s | z) = exp(-|s - m| / b) / 2 b

Where a sound is noise, m is smooth and b large: what is heard there is drawn, by `texture`.
"""

import torch
from torch import Tensor, nn

from zoo.nn import FrameBlock
from zoo.sound import BINS, PATCH

LEAST = 0.02  # b is no less


class Autoencoder(nn.Module):
    """Spectrograms to latent sequences of mean 0 and variance 1 in each channel, and back; ConvNeXt's blocks along time."""

    def __init__(self, width: int, channels: int, encoder: int, decoder: int, noise: float):
        """Make it.

        Args:
            width: of the blocks.
            encoder, decoder: how many blocks read, and write.
            noise: standard deviation of what is added to latents in training.
        """
        super().__init__()
        self.noise = noise
        self.enter = nn.Linear(PATCH * BINS, width)
        self.encoder = nn.ModuleList(FrameBlock(width) for _ in range(encoder))
        self.narrow = nn.Linear(width, channels)
        self.normal = nn.BatchNorm1d(channels, affine=False, momentum=0.05)
        self.widen = nn.Linear(channels, width)
        self.decoder = nn.ModuleList(FrameBlock(width) for _ in range(decoder))
        self.norm = nn.LayerNorm(width)
        self.leave = nn.Linear(width, 2 * PATCH * BINS)

    def encode(self, s: Tensor, there: Tensor) -> Tensor:
        """Map spectrograms (B, 128, 2 T) in [-1, 1] to latents (B, T, channels), 0 where nothing is.

        Args:
            there: (B, T, 1), 1 for what belongs to the recording and 0 for what comes after its end.
        """
        h = self.enter(s.mT.unflatten(1, (-1, PATCH)).flatten(2))
        for block in self.encoder:
            h = block(h, there)
        z, kept = self.narrow(h), there[..., 0] > 0
        return torch.zeros_like(z).masked_scatter(kept[..., None], self.normal(z[kept]))

    def written(self, z: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
        """Map latents (B, T, channels) to the likeliest spectrograms (B, 128, 2 T), and how far off they may be."""
        h = self.widen(z)
        for block in self.decoder:
            h = block(h, there)
        parts = self.leave(self.norm(h)).float().unflatten(2, (PATCH, 2, BINS)).unbind(3)
        likeliest, spread = (part.flatten(1, 2).mT for part in parts)
        return likeliest, LEAST + spread.exp()

    def decode(self, z: Tensor, there: Tensor, texture: Tensor | None = None) -> Tensor:
        """Map latents (B, T, channels) to spectrograms (B, 128, 2 T) in [-1, 1], -1 after the end.

        Args:
            texture: (B, 128, 2 T), what is drawn, in units of how far off the likeliest may be: see `zoo.spoken.texture`.
        """
        s, spread = self.written(z, there)
        if texture is not None:
            s = s + spread * texture
        return torch.where(there.mT.repeat_interleave(PATCH, 2) > 0, s.clamp(-1, 1), -1.0)

    def forward(self, s: Tensor, there: Tensor) -> dict[str, Tensor]:
        """Return -log p(s | z), mean over the places of the spectrograms, and the mean absolute error."""
        z = self.encode(s, there)
        likeliest, spread = self.written(z + self.noise * torch.randn_like(z), there)
        error, n = (likeliest - s).abs(), there.sum() * PATCH * BINS
        here = there.mT.repeat_interleave(PATCH, 2)
        loss = ((error / spread + (2 * spread).log()) * here).sum() / n
        return {"loss": loss, "error": (error * here).sum().detach() / n}
