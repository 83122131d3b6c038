"""Audio IDVAE: spoken words by a variational autoencoder whose encoder is also the discriminator (arXiv 1909.13062).

One network, the reader, hears a spectrogram: from the same features it gives the posterior of z, which is how the word was said, and a score of
how real it sounds, for a word and a voice c. The other, the writer, says a word in a voice by z. The reader is made to forget c: adversaries
that read word and voice from z are played against (arXiv 1706.00409), and what lines can still tell is taken out after training (arXiv 2306.03819).

    reader: -r log p(x | z, c) + KL(q(z | x) || N(0, I)) + w f(D(G(z', c), c) - D(x, c)) + a log p(c | z)
    writer: -r log p(x | z, c) + w f(D(x, c) - D(G(z', c), c)),    z' from q or N(0, I),    f = softplus

What is written is a distribution, p(x | z, c) = exp(-|x - m| / b) / 2 b in each place: where a sound is noise, m is smooth and b large, and what
is heard is drawn. r is the share of the places that are independent of one another.

Departures: as `zoo.models.idvae`; networks along time, ConvNeXt's blocks; the condition enters the writer and the score alone. How long a word
lasts is drawn first, from how its logarithm was distributed for that word and voice.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from zoo.nn import FrameBlock, noise
from zoo.sound import BINS, PATCH
from zoo.spoken import Asked, Choice, texture, there

PAPER = "arXiv:1909.13062"
TASK, TAKES, MAKES = "generate", ("latent", "word", "voice"), "sound"
USE = """s, frames = model.sample(4, seed=3, word=7, voice=2)  # (4, 128, T) in [-1, 1]
x = zoo.load("vocoder.speech").decode(s)  # (4, 64 (T - 1)) in [-1, 1], 8,000 samples a second"""
PICTURES: dict[str, str] = {}
LEAST = 0.02  # b is no less
WAVES = 8  # that tell the writer how much of the word is over


@dataclass(frozen=True)
class Config:
    """Sizes of the networks."""

    words: str = "yes|no"
    """their names"""
    voices: str = "one"
    """the same of the speakers; one where they are not known"""
    longest: int = 64
    """patches, of 16 ms, that a word may last"""
    latent: int = 64
    """length of z"""
    width: int = 128
    reader: int = 3
    """blocks"""
    writer: int = 5
    """blocks"""
    erased: int = 14
    """most directions of z that are taken out after training"""


class Reader(nn.Module):
    """Encoder and discriminator in one."""

    def __init__(self, config: Config):
        super().__init__()
        w = config.width
        self.enter = nn.Linear(PATCH * BINS, w)
        self.blocks = nn.ModuleList(FrameBlock(w) for _ in range(config.reader))
        self.norm = nn.LayerNorm(w)
        self.place = nn.Linear(3 * w, 2 * config.latent)
        self.score = nn.Linear(3 * w, 1)
        self.condition = nn.Linear(config.words.count("|") + config.voices.count("|") + 2, 3 * w, bias=False)
        self.register_buffer("centre", torch.zeros(config.latent))
        self.register_buffer("read", torch.zeros(config.latent, config.erased))
        self.register_buffer("write", torch.zeros(config.latent, config.erased))

    def forward(self, s: Tensor, word: Tensor, voice: Tensor, here: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Encode and score spectrograms (B, 128, 2 T).

        Args:
            word, voice: shares, (B, words) and (B, voices).
            here: (B, T, 1), 1 before the end.

        Returns:
            mean, logvar: (B, latent) each; score: (B,), higher is more real.
        """
        h = self.enter(s.mT.unflatten(1, (-1, PATCH)).flatten(2))
        for block in self.blocks:
            h = block(h, here)
        h, n = self.norm(h), here.sum(1)
        mean = (h * here).sum(1) / n
        spread = (((h - mean[:, None]).square() * here).sum(1) / n + 1e-6).sqrt()
        h = torch.cat([mean, spread, h.masked_fill(here == 0, -1e4).amax(1)], 1)
        mean, logvar = self.place(h).chunk(2, 1)
        mean = mean - (mean - self.centre) @ self.read @ self.write.mT
        score = self.score(h)[:, 0] + (h * self.condition(torch.cat([word, voice], 1))).sum(1) / math.sqrt(h.shape[1])
        return mean, logvar, score


class Writer(nn.Module):
    """Decoder and generator in one."""

    def __init__(self, config: Config):
        super().__init__()
        w = config.width
        self.asked = Asked(config.words.count("|") + 1, config.voices.count("|") + 1, w, config.longest)
        self.begun, self.left = (
            nn.Embedding(config.longest, w),
            nn.Embedding(config.longest, w),
        )  # patches since, and to go
        self.over = nn.Linear(2 * WAVES, w)
        self.latent = nn.Linear(config.latent, w)
        self.told = nn.ModuleList(
            nn.Sequential(nn.Linear(w, w), nn.GELU(), nn.Linear(w, 2 * w)) for _ in range(config.writer)
        )
        self.blocks = nn.ModuleList(FrameBlock(w) for _ in range(config.writer))
        self.norm = nn.LayerNorm(w)
        self.leave = nn.Linear(w, 2 * PATCH * BINS)
        for table in (self.begun, self.left):
            nn.init.normal_(table.weight, std=0.1)

    def forward(self, z: Tensor, word: Tensor, voice: Tensor, here: Tensor) -> tuple[Tensor, Tensor]:
        """Map z (B, latent) and shares (B, words), (B, voices) to the likeliest spectrograms (B, 128, 2 T), and how far off they may be."""
        asked = self.latent(z) + self.asked.vectors(word, voice)
        place, n = torch.arange(here.shape[1], device=z.device), here.sum(1)
        share = place / n * math.pi  # (B, T)
        waves = share[..., None] * torch.arange(1, WAVES + 1, device=z.device)
        left = (n.long() - 1 - place).clamp_min(0)
        h = self.begun(place) + self.left(left) + self.over(torch.cat([waves.sin(), waves.cos()], 2))
        for block, told in zip(self.blocks, self.told, strict=True):
            scale, shift = told(asked)[:, None].chunk(2, 2)
            h = block(h * (1 + scale) + shift, here)
        parts = self.leave(self.norm(h)).float().unflatten(2, (PATCH, 2, BINS)).unbind(3)
        likeliest, spread = (part.flatten(1, 2).mT for part in parts)
        return likeliest, LEAST + spread.exp()

    def decode(self, z: Tensor, word: Tensor, voice: Tensor, here: Tensor, drawn: Tensor | float = 0.0) -> Tensor:
        """Return spectrograms (B, 128, 2 T) in [-1, 1], -1 after the end, as `forward` takes what it is given.

        Args:
            drawn: (B, 128, 2 T), in units of how far off the likeliest may be: see `zoo.spoken.texture`.
        """
        likeliest, spread = self(z, word, voice, here)
        return torch.where(here.mT.repeat_interleave(PATCH, 2) > 0, (likeliest + spread * drawn).clamp(-1, 1), -1.0)


class AudioIDVAE(nn.Module):
    """Variational autoencoder of spoken words with a discriminator in its encoder."""

    def __init__(self, config: Config = Config()):
        super().__init__()
        self.config = config
        self.words, self.voices = tuple(config.words.split("|")), tuple(config.voices.split("|"))
        self.reader, self.writer = Reader(config), Writer(config)

    @torch.no_grad()
    def encode(self, s: Tensor, frames: Tensor, word: Choice = None, voice: Choice = None) -> Tensor:
        """Map spectrograms (B, 128, T) in [-1, 1], of so many frames (B,) each, to the means of q(z | x): (B, latent).

        Word and voice do not matter, for z shall not tell them.
        """
        asked = self.writer.asked.shares(len(s), word, voice)
        return self.reader(s, *asked, there(frames // PATCH, s.shape[2] // PATCH))[0]

    @torch.no_grad()
    def decode(
        self, z: Tensor, frames: Tensor, word: Choice, voice: Choice, *, seed: int = 0, rough: float = 1.0
    ) -> Tensor:
        """Map z (B, latent) to spectrograms (B, 128, T) in [-1, 1] of a word in a voice, of so many frames (B,) each."""
        here = there(frames // PATCH)
        drawn = rough * texture(len(z), PATCH * here.shape[1], seed=seed ^ 0xA1E)
        return self.writer.decode(z, *self.writer.asked.shares(len(z), word, voice), here, drawn)

    def forward(self, s: Tensor, word: Tensor, voice: Tensor, here: Tensor) -> Tensor:
        """Reconstruct spectrograms, the likeliest. No losses: the adversarial ones need both networks in turn, in train/audio_idvae.py."""
        return self.writer.decode(self.reader(s, word, voice, here)[0], word, voice, here)

    @torch.no_grad()
    def sample(
        self, n: int, *, seed: int, word: Choice = None, voice: Choice = None, longer: float = 1.0, temperature: float = 0.9, rough: float = 1.0
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        """Say n words.

        Args:
            n: number of recordings.
            seed: 0 to 2**32 - 1; recording i depends on (seed, i) and what is asked for alone.
            word, voice: one for all, (n,) one each, None for each in turn, or shares (n, words) and (n, voices).
            longer: length, times what is drawn.
            temperature: standard deviation of z; below 1 plainer, above 1 wilder.
            rough: how much of what is noise in a voice is drawn; 0 leaves it smooth.

        Returns:
            spectrograms (n, 128, T) in [-1, 1], -1 after the end; and how many frames each has, (n,).

        Raises:
            ValueError: a word, a voice, n or the seed is out of range.
        """
        word, voice = self.writer.asked.shares(n, word, voice)
        patches = self.writer.asked.lengths(word, voice, seed=seed, longer=longer)
        z = temperature * noise(n, self.config.latent, seed=seed)
        here = there(patches)
        drawn = rough * texture(n, PATCH * here.shape[1], seed=seed ^ 0xA1E)
        return self.writer.decode(z, word, voice, here, drawn), PATCH * patches


Model = AudioIDVAE
