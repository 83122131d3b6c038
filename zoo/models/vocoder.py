"""Vocoder: a spectrogram to its waveform, by a small network with an inverse Fourier transform at its end (iSTFTNet, arXiv 2203.02395).

A spectrogram has no phase, and a waveform needs one. Integrating the spectrogram's slopes gives phases p that are nearly right (phase-gradient
heap integration, doi:10.1109/TASLP.2017.2678166). The network reads the frames and these phases with one-dimensional convolutions (ConvNeXt's
blocks, as in Vocos, arXiv 2306.00814) and gives for each frequency of each frame a turn, and how much louder it shall be than it says:

    z = |s| exp(a + i p) (1 + u + i v) / |1 + u + i v|,   x = istft(z)

Departures: it corrects phases instead of finding them all; and a few steps of Griffin and Lim's make neighbouring frames agree at the end.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo.nn import FrameBlock
from zoo.sound import BINS, griffin_lim, istft, magnitudes, phases

PAPER = "arXiv:2203.02395"
TASK, TAKES, MAKES = "translate", ("spectrogram",), "sound"
USE = "x = model.decode(zoo.sound.spectrogram(x))  # x: (B, N) in [-1, 1], 8,000 samples a second"
PICTURES: dict[str, str] = {}


@dataclass(frozen=True)
class Config:
    """Sizes of the network."""

    width: int = 112
    blocks: int = 4
    settled: int = 32
    """steps of Griffin and Lim's"""


class Vocoder(nn.Module):
    """Spectrograms to waveforms."""

    def __init__(self, config: Config = Config()):
        super().__init__()
        self.config = config
        self.enter = nn.Linear(3 * BINS, config.width)
        self.blocks = nn.Sequential(*(FrameBlock(config.width) for _ in range(config.blocks)))
        self.norm = nn.LayerNorm(config.width)
        self.head = nn.Linear(config.width, 3 * BINS)
        nn.init.normal_(self.head.weight, std=0.01)

    def turned(self, s: Tensor, p: Tensor) -> Tensor:
        """Map spectrograms (B, 128, T) in [-1, 1] and phases of theirs to transforms (B, 129, T), complex."""
        heard = s > -1
        h = self.enter(torch.cat([s, p.cos() * heard, p.sin() * heard], 1).mT)
        a, u, v = self.head(self.norm(self.blocks(h))).mT.float().chunk(3, 1)
        size = torch.rsqrt((1 + u).square() + v.square() + 1e-6)
        loud = magnitudes(s)[:, :BINS] * torch.exp(a.clamp(-3, 3)) * size
        return F.pad(torch.polar(loud, p) * torch.complex(1 + u, v), (0, 0, 0, 1))

    @torch.no_grad()
    def decode(self, s: Tensor) -> Tensor:
        """Map spectrograms (B, 128, T) in [-1, 1] to waveforms (B, (T - 1) * 64)."""
        return griffin_lim(s, steps=self.config.settled, start=self.turned(s, phases(s)))

    def forward(self, s: Tensor, p: Tensor) -> Tensor:
        """Map spectrograms and phases to waveforms, and settle nothing. No loss: a discriminator takes part, in train/vocoder.py."""
        return istft(self.turned(s, p))


Model = Vocoder
