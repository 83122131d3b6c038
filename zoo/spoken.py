"""What a model that speaks is asked for: a word, a voice, and how long."""

import torch
from torch import Tensor, nn

from zoo.nn import labels, noise
from zoo.sound import HOP, about_median

Choice = int | Tensor | None
NOISE = 160  # frames of texture


class Asked(nn.Module):
    """A table of vectors for words and one for voices, and how long each word lasts in each voice."""

    length: Tensor
    spread: Tensor

    def __init__(self, words: int, voices: int, width: int, longest: int):
        """Make them.

        Args:
            width: of a vector.
            longest: patches that there may be at most.
        """
        super().__init__()
        self.words, self.voices, self.longest = words, voices, longest
        self.word = nn.Embedding(words + 1, width)  # the last: not told
        self.voice = nn.Embedding(voices + 1, width)
        self.register_buffer("length", torch.zeros(words, voices))
        self.register_buffer("spread", torch.zeros(words, voices))

    def measure(self, patches: Tensor, word: Tensor, voice: Tensor) -> None:
        """Set mean and standard deviation of the logarithm of recordings' lengths, (N,) each."""
        for w in range(self.words):
            for v in range(self.voices):
                logs = patches[(word == w) & (voice == v)].double().log()
                if len(logs) < 2:
                    raise ValueError(f"word {w} by voice {v} needs at least two recordings")
                self.length[w, v], self.spread[w, v] = logs.mean(), logs.std()

    def shares(self, n: int, word: Choice, voice: Choice) -> tuple[Tensor, Tensor]:
        """Return shares of the words (n, words) and of the voices (n, voices).

        Args:
            word, voice: one for all, (n,) one each, None for each in turn (voices change when all words were said), or shares of
                them, (n, words) and (n, voices): (0.5, 0.5, 0, ...) is halfway between the first two.

        Raises:
            ValueError: there is no such word or voice, or shares do not add up to 1.
        """
        if n < 1:
            raise ValueError(f"n must be at least 1, not {n}")
        if word is None and voice is None:
            voice = torch.arange(n) // self.words % self.voices
        return _shares(n, word, self.words, "word"), _shares(n, voice, self.voices, "voice")

    def vectors(self, word: Tensor, voice: Tensor) -> Tensor:
        """Map shares (B, words) and (B, voices) to vectors (B, width)."""
        return word @ self.word.weight[:-1] + voice @ self.voice.weight[:-1]

    def untold(self) -> Tensor:
        """Return the vector for no word and no voice, (1, width)."""
        return (self.word.weight[-1] + self.voice.weight[-1])[None]

    def lengths(self, word: Tensor, voice: Tensor, *, seed: int, longer: float = 1.0, spread: float = 1.0) -> Tensor:
        """Draw how many patches words last, (B,), for shares (B, words) and (B, voices).

        Args:
            longer: 1.2 is a fifth longer.
            spread: how much lengths differ, times what they do in recordings.
        """
        mean = torch.einsum("bw,wv,bv->b", word, self.length, voice)
        std = torch.einsum("bw,wv,bv->b", word, self.spread, voice)
        drawn = (mean + spread * std * noise(len(word), 1, seed=seed ^ 0x1E57)[:, 0].clamp(-2, 2).to(mean)).exp()
        return (longer * drawn).round().long().clamp(4, self.longest)


def _shares(n: int, choice: Choice, count: int, what: str) -> Tensor:
    if isinstance(choice, Tensor) and choice.ndim == 2:
        if choice.shape != (n, count) or not torch.allclose(choice.float().sum(1), torch.ones(n), atol=1e-4):
            raise ValueError(f"shares of {what}s must be ({n}, {count}) and add up to 1")
        return choice.float()
    try:
        return nn.functional.one_hot(labels(n, choice, count), count).float()
    except ValueError:
        raise ValueError(f"{what} must be one or {n} of 0 to {count - 1}, not {choice}") from None


def there(patches: Tensor, longest: int | None = None) -> Tensor:
    """Return 1 for what belongs to sequences of so many patches (B,) and 0 for what comes after them: (B, T, 1)."""
    t = int(patches.max()) if longest is None else longest
    return (torch.arange(t, device=patches.device) < patches[:, None]).float()[..., None]


def texture(n: int, frames: int, *, seed: int) -> Tensor:
    """Return how spectrograms of white noise lie about their median, in units of their mean distance from it: (n, 128, frames).

    Args:
        frames: at most 160.
        seed: 0 to 2**32 - 1; texture i depends on (seed, i), and its beginning not on how many frames are asked for.
    """
    return about_median(noise(n, NOISE * HOP, seed=seed))[..., :frames]
