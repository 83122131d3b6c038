"""Writing, a character at a time: how the next is drawn from a distribution, and what every model that writes can do."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from zoo.nn import uniform

RECENT = 64  # characters that count as repeated


@dataclass(frozen=True)
class Sampling:
    """How the next character is drawn from its distribution."""

    temperature: float = 0.8
    """0 takes the likeliest"""
    top_k: int = 0
    """only the k likeliest; 0 takes all"""
    top_p: float = 1.0
    """only the likeliest that together have this probability (arXiv 1904.09751)"""
    min_p: float = 0.0
    """only those with at least this share of the likeliest one's probability (arXiv 2407.01082)"""
    repetition: float = 1.0
    """logits of the last 64 characters are divided by this where positive, else multiplied (arXiv 1909.05858)"""
    guidance: float = 1.0
    """how far the logits go from those where nothing is told to those for what is given, and beyond (arXiv 2306.17806)"""


def distribution(logits: np.ndarray, sampling: Sampling, recent: np.ndarray | None = None) -> np.ndarray:
    """Return the probabilities that the next character is drawn from: (B, chars) float64.

    Args:
        logits: (B, chars).
        recent: (B, n) character numbers that count as repeated; negative numbers are none.
    """
    logits = logits.astype(np.float64)
    if sampling.repetition != 1 and recent is not None:
        seen = (recent[..., None] == np.arange(logits.shape[1])).any(1)
        logits = np.where(
            seen, np.where(logits > 0, logits / sampling.repetition, logits * sampling.repetition), logits
        )
    if sampling.temperature == 0:
        return np.eye(logits.shape[1])[logits.argmax(1)]
    p = softmax(logits / sampling.temperature)
    if sampling.top_k or sampling.top_p < 1 or sampling.min_p:
        order = np.argsort(-p, 1, kind="stable")
        ranked = np.take_along_axis(p, order, 1)
        keep = (ranked >= sampling.min_p * ranked[:, :1]) & (ranked.cumsum(1) - ranked < sampling.top_p)
        if sampling.top_k:
            keep[:, sampling.top_k :] = False
        keep[:, 0] = True
        p = np.zeros_like(p)
        np.put_along_axis(p, order, ranked * keep, 1)
    return p / p.sum(1, keepdims=True)


def choose(p: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Draw characters (B,) from probabilities (B, chars), by numbers (B,) between 0 and 1."""
    total = p.cumsum(1)
    return (total <= chance[:, None] * total[:, -1:]).sum(1).clip(max=p.shape[1] - 1)


def softmax(x: np.ndarray) -> np.ndarray:
    """Return probabilities (..., D) of logits."""
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


class UnknownCharacters(ValueError):
    """A text holds characters that the model has never seen; `characters` are they, `replaced` is the nearest text that it knows."""

    def __init__(self, characters: str, replaced: str):
        shown = " ".join(repr(c) for c in characters)
        super().__init__(f"the model does not know {shown}: replace them, as in {replaced[:60]!r}")
        self.characters, self.replaced = characters, replaced


def nearest(text: str, chars: str) -> str:
    """Replace what is not among the characters by the nearest that is: without its accent, in the other case, else a blank."""
    plain = {"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "\t": " ", "\r": "", '"': "'"}

    def one(c: str) -> str:
        bare = "".join(b for b in unicodedata.normalize("NFKD", plain.get(c, c)) if not unicodedata.combining(b))
        for tried in (c, bare, plain.get(bare, bare), bare.swapcase()):
            if all(b in chars for b in tried):
                return tried
        return " " if " " in chars else ""

    return "".join(map(one, text))


def conditions(said: str) -> dict[str, tuple[str, ...]]:
    """Return what a model writes for, options by the condition's name, of 'gender: f|m; origin: US|India'."""
    parts = [part.split(":") for part in said.split(";") if part.strip()]
    return {name.strip(): tuple(options.strip().split("|")) for name, options in parts}


class Pen(Protocol):
    """Some texts that are being written: what comes next in each, and a step on."""

    @property
    def logits(self) -> np.ndarray:
        """(n, chars), of what comes next."""

    def step(self, x: np.ndarray) -> None:
        """Take in the next characters (n,)."""


class Guided:
    """Texts that are written with what they are written for weighed more or less than it is."""

    def __init__(self, told: Pen, withheld: Pen, guidance: float):
        self.told, self.withheld, self.guidance = told, withheld, guidance

    @property
    def logits(self) -> np.ndarray:
        """(n, chars), of what comes next."""
        return self.withheld.logits + self.guidance * (self.told.logits - self.withheld.logits)

    def step(self, x: np.ndarray) -> None:
        """Take in the next characters (n,)."""
        self.told.step(x)
        self.withheld.step(x)


class Writes:
    """What a model that writes can do; its own are its characters, what it writes for, and its pen."""

    config: Any
    """its `chars` are all characters that the model knows, in order; its `conditions`, if it has any, as 'gender: f|m; origin: US|India'"""

    def pen(self, x: Tensor, n: int, *, given: Tensor | None = None) -> Pen:
        """Return what writes n texts on after the characters x (T,), read once for all, for what is given, (options,)."""
        raise NotImplementedError

    def guided(self, x: Tensor, n: int, given: Tensor | None, guidance: float) -> Pen:
        """Return the pen of `pen`, guided where something is given and the guidance is not 1."""
        told = self.pen(x, n, given=given)
        if given is None or guidance == 1 or not given.any():
            return told
        return Guided(told, self.pen(x, n), guidance)

    def following(self, x: Tensor, **given: Any) -> Tensor:
        """Return the logits of what comes after texts x (B, T), of which nothing stood before: (B, chars)."""
        return self.logits(x, **given)[:, -1]  # type: ignore[attr-defined]  # each model's own

    @property
    def conditions(self) -> dict[str, tuple[str, ...]]:
        """What it writes for: options by the condition's name."""
        return conditions(getattr(self.config, "conditions", ""))

    def given(self, **chosen: str | Mapping[str, float]) -> Tensor:
        """Return what to write for, (options,): for each condition an option or shares of several; what is left out is withheld.

        Raises:
            ValueError: there is no such condition or option.
        """
        if unknown := set(chosen) - set(self.conditions):
            raise ValueError(f"no condition {', '.join(sorted(unknown))}: have {', '.join(self.conditions) or 'none'}")
        found = []
        for name, options in self.conditions.items():
            choice = chosen.get(name, {})
            shares = {choice: 1.0} if isinstance(choice, str) else dict(choice)
            if wrong := set(shares) - set(options):
                raise ValueError(f"{name} has no {', '.join(sorted(wrong))}: have {', '.join(options)}")
            found += [float(shares.get(option, 0.0)) for option in options]
        return torch.tensor(found)

    def told(self, given: Tensor, share: float) -> Tensor:
        """Return what texts are written for, (B, options), with each condition withheld of so large a share of them, at random."""
        kept = [
            (torch.rand(len(given), 1, device=given.device) >= share).expand(-1, len(options))
            for options in self.conditions.values()
        ]
        return given * torch.cat(kept, 1)

    @property
    def start(self) -> str:
        """What stands before a text that begins with nothing: a line's end, where the model knows it."""
        return "\n" if "\n" in self.config.chars else self.config.chars[0]

    def encode(self, text: str) -> Tensor:
        """Return a text's character numbers, (T,) int64.

        Raises:
            UnknownCharacters: the model has never seen some of its characters.
        """
        place = {c: i for i, c in enumerate(self.config.chars)}
        unknown = "".join(dict.fromkeys(c for c in text if c not in place))
        if unknown:
            raise UnknownCharacters(unknown, nearest(text, self.config.chars))
        return torch.tensor([place[c] for c in text], dtype=torch.int64)

    def decode(self, x: Tensor) -> str:
        """Return the text of character numbers (T,)."""
        return "".join(self.config.chars[i] for i in x.tolist())

    def trace(
        self,
        prompt: str,
        length: int,
        *,
        seed: int,
        start: int = 0,
        stop: str = "",
        given: Tensor | None = None,
        **how: Any,
    ) -> Iterator[tuple[str, np.ndarray]]:
        """Write on after a prompt: each character, and the probabilities (chars,) that it was drawn from.

        Args:
            start: index of the continuation: 0, 1, 2 are what `sample` gives together.
            stop: characters after which the text ends before its length; '' for none.
            given: what it is written for, where the model has conditions.
            how: fields of `Sampling`, such as temperature.

        Raises:
            UnknownCharacters: as `encode`.
        """
        written = ""
        for (i,), p in self._steps(prompt, 1, length, seed, start, given, Sampling(**how)):
            written += self.config.chars[i]
            yield written[-1], p[0]
            if stop and written.endswith(stop):
                return

    def stream(self, prompt: str, length: int, *, seed: int, **options: Any) -> Iterator[str]:
        """Write on after a prompt, a character at a time; options as `trace`."""
        return (c for c, _ in self.trace(prompt, length, seed=seed, **options))

    def write(self, prompt: str, length: int, *, seed: int, **options: Any) -> str:
        """Return what `stream` writes."""
        return "".join(self.stream(prompt, length, seed=seed, **options))

    def sample(
        self, n: int, *, seed: int, prompt: str = "", length: int = 200, given: Tensor | None = None, **how: Any
    ) -> list[str]:
        """Return n continuations of a prompt, written together; `given` and `how` as `trace`."""
        columns = [x for x, _ in self._steps(prompt, n, length, seed, 0, given, Sampling(**how))]
        return ["".join(self.config.chars[c] for c in row) for row in zip(*columns, strict=True)]

    def _steps(
        self, prompt: str, rows: int, length: int, seed: int, start: int, given: Tensor | None, sampling: Sampling
    ) -> Iterator[tuple[list[int], np.ndarray]]:
        chance = uniform(rows, length, seed=seed, start=start)
        pen = self.guided(self.encode(prompt or self.start), rows, given, sampling.guidance)
        read = self.encode(prompt)[-RECENT:].numpy()
        recent = np.tile(np.pad(read, (RECENT - len(read), 0), constant_values=-1), (rows, 1))
        for i in range(length):
            p = distribution(pen.logits, sampling, recent)
            x = choose(p, chance[:, i])
            yield x.tolist(), p
            recent = np.concatenate([recent[:, 1:], x[:, None]], 1)
            if i + 1 < length:
                pen.step(x)
