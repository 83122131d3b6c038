"""The flow: a transformer over the latents of an autoencoder, for a word and a voice."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo.models.audio_flow.autoencoder import Autoencoder
from zoo.nn import noise
from zoo.sound import PATCH
from zoo.spoken import Asked, Choice, texture, there


@dataclass(frozen=True)
class Config:
    """Sizes of the autoencoder and of the flow."""

    words: str = "yes|no"
    """their names"""
    voices: str = "one"
    """the same of the speakers; one where they are not known"""
    longest: int = 64
    """patches, of 16 ms, that a word may last"""
    channels: int = 24
    """numbers that the autoencoder keeps of a patch"""
    frame_width: int = 128
    """of its blocks"""
    encoder: int = 3
    """how many read"""
    decoder: int = 5
    """how many write"""
    noise: float = 0.1
    """added to the latents in its training, so that it bears what the flow gets a little wrong"""
    width: int = 160
    """of the flow's blocks"""
    blocks: int = 5
    heads: int = 5
    withheld: float = 0.1
    """share of the flow's training in which word and voice are not told"""


class Block(nn.Module):
    """Attention over all patches and an MLP of each, both scaled and shifted by the time and the condition (adaLN, arXiv 2212.09748)."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.attend, self.mix = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.enter, self.leave = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.own = nn.Parameter(
            torch.zeros(6, width)
        )  # beside what all blocks are told alike (adaLN-single, arXiv 2310.00426)

    def forward(self, h: Tensor, told: Tensor, bias: Tensor) -> Tensor:
        """Map (B, T, width) to the same shape.

        Args:
            told: (B, 6, width): scales, shifts and gates.
            bias: (B, 1, 1, T), minus infinity where no key is.
        """
        a, b, c, d, e, f = (told + self.own)[:, :, None].unbind(1)
        q, k, v = self.attend(_normal(h) * (1 + a) + b).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        q, k = _normal(q), _normal(k)
        weights = (q @ k.mT / math.sqrt(q.shape[-1]) * 4 + bias).softmax(-1)
        h = h + c * self.mix((weights @ v).transpose(1, 2).flatten(2))
        return h + f * self.leave(F.gelu(self.enter(_normal(h) * (1 + d) + e)))


class AudioFlow(nn.Module):
    """Spoken words, as spectrograms."""

    def __init__(self, config: Config = Config()):
        super().__init__()
        self.config = config
        self.words, self.voices = tuple(config.words.split("|")), tuple(config.voices.split("|"))
        w, c = config.width, config.channels
        self.autoencoder = Autoencoder(config.frame_width, c, config.encoder, config.decoder, config.noise)
        self.asked = Asked(len(self.words), len(self.voices), w, config.longest)
        self.clock = nn.Sequential(nn.Linear(64, w), nn.SiLU(), nn.Linear(w, w))
        self.begun, self.left = (
            nn.Embedding(config.longest, w),
            nn.Embedding(config.longest, w),
        )  # patches since, and to go
        self.enter = nn.Linear(c, w)
        self.blocks = nn.ModuleList(Block(w, config.heads) for _ in range(config.blocks))
        self.told = nn.Linear(w, 6 * w)
        self.leave = nn.Linear(w, c)
        nn.init.zeros_(self.leave.weight)
        nn.init.normal_(self.begun.weight, std=0.02)
        nn.init.normal_(self.left.weight, std=0.02)

    def velocity(self, z: Tensor, t: Tensor, asked: Tensor, here: Tensor) -> Tensor:
        """Map latents on their way (B, T, channels), times (B,) in [0, 1] and what is asked for (B, width) to velocities (B, T, channels)."""
        angles = t[:, None] * 1000 * torch.exp(torch.arange(32, device=z.device) * (-math.log(10_000) / 32))
        told = F.silu(self.clock(torch.cat([angles.cos(), angles.sin()], 1)) + asked)
        told = self.told(told).unflatten(1, (6, -1))
        place = torch.arange(z.shape[1], device=z.device)
        left = (here.sum(1).long() - 1 - place).clamp_min(0)
        h = self.enter(z) + self.begun(place) + self.left(left)
        bias = (1 - here).mT[:, None] * -1e4
        for block in self.blocks:
            h = block(h, told, bias)
        return self.leave(_normal(h)) * here

    def forward(self, z: Tensor, word: Tensor, voice: Tensor, here: Tensor) -> dict[str, Tensor]:
        """Return the mean squared error of the velocity.

        Args:
            z: (B, T, channels) latents, 0 after their ends.
            word, voice: (B,) labels.
            here: (B, T, 1), 1 before the end.
        """
        b = len(z)
        t = torch.randn(b, device=z.device).sigmoid()
        e = torch.randn_like(z)
        withheld = torch.rand(b, device=z.device) < self.config.withheld
        word, voice = word.masked_fill(withheld, len(self.words)), voice.masked_fill(withheld, len(self.voices))
        at = t[:, None, None]
        v = self.velocity(((1 - at) * e + at * z) * here, t, self.asked.word(word) + self.asked.voice(voice), here)
        error = ((v.float() - (z - e)) * here).square().sum() / (here.sum() * z.shape[2])
        return {"loss": error}

    def carry(
        self, z: Tensor, word: Tensor, voice: Tensor, here: Tensor, *, start: float = 0.0, end: float = 1.0, steps: int = 16, guidance: float = 1.0
    ) -> Tensor:  # fmt: skip
        """Carry latents (B, T, channels) from one time to another along the flow, by Euler's steps, or Heun's where `end` is before `start`.

        Args:
            word, voice: shares, (B, words) and (B, voices).
            guidance: 1 follows what was learnt; more exaggerates what word and voice change.
        """
        asked = self.asked.vectors(word, voice)

        def slope(z: Tensor, t: float) -> Tensor:
            times = torch.full((len(z),), t, device=z.device)
            v = self.velocity(z, times, asked, here)
            if guidance == 1:
                return v
            free = self.velocity(z, times, self.asked.untold().expand_as(asked), here)
            return free + guidance * (v - free)

        times = [start + (end - start) * i / steps for i in range(steps + 1)]
        for now, then in zip(times, times[1:], strict=False):
            v = slope(z, now)
            if end < start:
                v = (v + slope(z + (then - now) * v, then)) / 2
            z = z + (then - now) * v
        return z

    @torch.no_grad()
    def sample(
        self, n: int, *, seed: int, word: Choice = None, voice: Choice = None, longer: float = 1.0, temperature: float = 1.0, guidance: float = 2.0, steps: int = 16, rough: float = 1.0
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        """Say n words.

        Args:
            n: number of recordings.
            seed: 0 to 2**32 - 1; recording i depends on (seed, i) and what is asked for alone.
            word, voice: one for all, (n,) one each, None for each in turn, or shares (n, words) and (n, voices).
            longer: length, times what is drawn.
            temperature: standard deviation of the noise; below 1 plainer, above 1 wilder.
            guidance: 1 speaks as was learnt; more makes word and voice clearer.
            steps: of the flow.
            rough: how much of what is noise in a voice is drawn; 0 leaves it smooth.

        Returns:
            spectrograms (n, 128, T) in [-1, 1], -1 after the end; and how many frames each has, (n,).

        Raises:
            ValueError: a word, a voice, n or the seed is out of range.
        """
        word, voice = self.asked.shares(n, word, voice)
        patches = self.asked.lengths(word, voice, seed=seed, longer=longer)
        here = there(patches)
        z = temperature * noise(n, self.config.longest, self.config.channels, seed=seed)[:, : here.shape[1]]
        z = self.carry(z * here, word, voice, here, steps=steps, guidance=guidance)
        drawn = rough * texture(n, PATCH * here.shape[1], seed=seed ^ 0xA1E)
        return self.autoencoder.decode(z, here, drawn), PATCH * patches

    @torch.no_grad()
    def encode(self, s: Tensor, frames: Tensor, word: Choice, voice: Choice, *, steps: int = 16) -> Tensor:
        """Carry recordings back to the noise that they would come from, if they were of this word and voice.

        Args:
            s: (B, 128, T) in [-1, 1], T even.
            frames: (B,) that each has.
            word, voice: as of `sample`.

        Returns:
            (B, T / 2, channels), about normal, 0 after the end.
        """
        here = there(frames // PATCH, s.shape[2] // PATCH)
        z = self.autoencoder.encode(s, here)
        return self.carry(z, *self.asked.shares(len(s), word, voice), here, start=1.0, end=0.0, steps=steps)

    @torch.no_grad()
    def decode(
        self, z: Tensor, frames: Tensor, word: Choice, voice: Choice, *, seed: int = 0, guidance: float = 1.0, steps: int = 16, rough: float = 1.0
    ) -> Tensor:  # fmt: skip
        """Map noise (B, T / 2, channels) to spectrograms (B, 128, T) in [-1, 1] of so many frames (B,) each."""
        here = there(frames // PATCH, z.shape[1])
        z = self.carry(z, *self.asked.shares(len(z), word, voice), here, guidance=guidance, steps=steps)
        return self.autoencoder.decode(z, here, rough * texture(len(z), PATCH * here.shape[1], seed=seed ^ 0xA1E))


def _normal(h: Tensor) -> Tensor:
    """Divide vectors by their root mean square."""
    return h * torch.rsqrt(h.square().mean(-1, keepdim=True) + 1e-6)
