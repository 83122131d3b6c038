"""What the models that speak are measured by: listeners, who take no part in their training."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import zoo
from train.core.run import Run
from train.core.spoken import spectrograms, voices
from zoo import metrics
from zoo.card import Metric
from zoo.data.spoken import Clips, Spoken
from zoo.sound import PATCH, ended
from zoo.tables import Axis, Column, Losses, Plot, Progress, Table

EACH = 100  # samples of each word in each voice
BATCH = 50
SHOWN, LEVELS = 96, 32  # frames of a spectrogram in the history, and shades, of 3 dB each
STEPS = 16  # of a sequence of latents, as probes read it


@lru_cache
def loaded(name: str) -> nn.Module:
    """Return a model, loaded once."""
    return zoo.load(name)


def judges(data: Spoken, *, steer: bool = False) -> dict[str, str]:
    """Return the listeners who judge word and voice, where it is known; or those who only show how training goes."""
    return {key: name if steer else f"{name}-judge" for key, name in data.LISTENERS.items()}


def progress(data: Spoken, losses: Losses) -> Progress:
    """Return what `snapshot` measures, and what the curves of a training are."""
    return Progress({key: Axis(f"A listener hears the {key}", "%") for key in judges(data)}, losses)


def told(data: Spoken, each: int) -> tuple[Tensor, Tensor]:
    """Return words and voices, (N,) each: every word by every voice, so many times."""
    pairs = torch.cartesian_prod(torch.arange(len(data.CLASSES)), torch.arange(max(1, len(data.SPEAKERS))))
    word, voice = pairs.repeat(each, 1).T
    return word, voice


def middle(s: Tensor, frames: Tensor, wanted: int) -> Tensor:
    """Return spectrograms (B, 128, T) with so many frames each, as listeners hear them: (B, 128, wanted), their middles in the middle."""
    out = torch.full((*s.shape[:2], wanted), -1.0)
    for row, one, n in zip(out, s, frames.tolist(), strict=True):
        before, start = max(0, (wanted - n) // 2), max(0, (n - wanted) // 2)
        kept = min(n, wanted)
        row[:, before : before + kept] = one[:, start : start + kept]
    return out


def snapshot(data: Spoken) -> Callable[[Run, Any, int], None]:
    """Return what keeps a moment of the history: six spectrograms, and what listeners hear in sixty others.

    The listeners that are asked here are not the judges.
    """
    word, voice = told(data, 1 if data.SPEAKERS else 10)
    shown = torch.arange(6)

    def keep(run: Run, model: Any, step: int) -> None:
        s, frames = model.sample(6, seed=1, word=shown % len(data.CLASSES), voice=shown % max(1, len(data.SPEAKERS)))
        picture = torch.full((len(s), s.shape[1], SHOWN), -1.0)
        picture[..., : s.shape[2]] = s[..., :SHOWN]
        pixels = (
            ((picture + 1) * (LEVELS - 1) / 2)
            .round()
            .mul(255 / (LEVELS - 1))
            .round()
            .to(torch.uint8)
            .flip(1)
            .flatten(0, 1)
        )
        s, frames = model.sample(len(word), seed=2, word=word, voice=voice)
        facts = {}
        for key, name in judges(data, steer=True).items():
            listener: Any = loaded(name)
            found = listener.classify(middle(s, frames, listener.config.frames)).argmax(1)
            facts[key] = 100 * metrics.agreement(found, word if key == "word" else voice)
        run.keep(step, pixels.numpy(), **facts)

    return keep


@dataclass(frozen=True)
class Heard:
    """Sounds, and what the judges hear in them."""

    labels: dict[str, Tensor]
    """by what is judged, 'word' or 'voice': (N,) labels"""
    features: Tensor
    """(N, 128), of the judge of words"""
    peak: float
    """the largest sample"""

    @classmethod
    def of(cls, sounds: list[Tensor], data: Spoken) -> "Heard":
        """Play sounds, (n,) each, to the judges."""
        found: dict[str, list[Tensor]] = {key: [] for key in (*judges(data), "features")}
        for one in sounds:
            for key, name in judges(data).items():
                judge: Any = loaded(name)
                s = judge.framed(one[None])
                found[key].append(judge.classify(s).argmax(1))
                if key == "word":
                    found["features"].append(judge.features(s))
        joined = {key: torch.cat(parts) for key, parts in found.items()}
        features = joined.pop("features")
        return cls(joined, features, max(float(one.abs().max()) for one in sounds))

    def right(self, **labels: Tensor) -> dict[str, Tensor]:
        """Return whether each label is heard, (N,) double, by what is judged."""
        return {key: (found == labels[key]).double() for key, found in self.labels.items()}


def spoken(s: Tensor, frames: Tensor, data: Spoken) -> list[Tensor]:
    """Return the sounds of spectrograms (B, 128, T) of so many frames (B,), by the vocoder."""
    vocoder: Any = loaded(data.VOCODER)
    return ended(vocoder.decode(s), frames)


@lru_cache(maxsize=4)
def recorded(data: Spoken, split: str) -> Heard:
    """Return what the judges hear in the recordings themselves."""
    return Heard.of([torch.from_numpy(one.copy()) for one in data.load(split).waveforms], data)


@lru_cache(maxsize=2)
def sampled(model: Any, data: Spoken) -> tuple[Heard, Tensor, Tensor]:
    """Return what the judges hear in samples of every word by every voice, and which were asked for."""
    word, voice = told(data, EACH)
    sounds = []
    for seed, (w, v) in enumerate(zip(word.split(BATCH), voice.split(BATCH), strict=True)):
        s, frames = model.sample(len(w), seed=1_000_000 + seed, word=w, voice=v)
        sounds += spoken(s, frames, data)
    return Heard.of(sounds, data), word, voice


def parts(clips: Clips, longest: int) -> list[tuple[Tensor, Tensor, Tensor, Tensor]]:
    """Return recordings in batches: spectrograms (B, 128, T), frames, words and voices, (B,) each."""
    s, patches = spectrograms(clips, longest)
    found = zip(
        *(part.split(BATCH) for part in (s, PATCH * patches, torch.from_numpy(clips.words.copy()), voices(clips))), strict=True
    )  # fmt: skip
    return [(part[..., : int(frames.max())], frames, word, voice) for part, frames, word, voice in found]


def metric_of(n: int) -> Callable[..., Metric]:
    """Return what makes a metric of n sounds against the test split."""
    return partial(Metric, n=n, split="test")


def of_copies(again: Callable[..., tuple[Tensor, Tensor]], data: Spoken, longest: int) -> list[Metric]:
    """Measure what is kept of the test recordings: how far off what is written again is, and what is heard in it.

    Args:
        again: spectrograms, frames, words and voices -> the likeliest spectrograms again, and what is played.
    """
    clips, off, sounds = data.load("test"), [], []
    for s, frames, word, voice in parts(clips, longest):
        likeliest, played = again(s, frames, word, voice)
        off += [
            float((a[:, :n] - b[:, :n]).abs().mean()) for a, b, n in zip(likeliest, s, frames.tolist(), strict=True)
        ]
        sounds += spoken(played, frames, data)
    labels = {"word": torch.from_numpy(clips.words), "voice": voices(clips)}
    right, metric = Heard.of(sounds, data).right(**labels), metric_of(len(clips))
    return [
        metric("error", sum(off) / len(off), "", tolerance=0.002, definition="mean absolute difference of test recordings and what is written again, spectrograms from -1 to 1"),
        *(
            metric(f"kept_{key}", 100 * float(right[key].mean()), "%", tolerance=0.7, definition=f"test recordings, encoded, written again and played, in which {name} hears the {key}")
            for key, name in judges(data).items()
        ),
    ]  # fmt: skip


def of_samples(model: Any, data: Spoken) -> list[Metric]:
    """Measure samples: what is heard in them, how near they are to the test recordings, how varied, how new."""
    heard, word, voice = sampled(model, data)
    right = heard.right(word=word, voice=voice)
    metric, test, train = metric_of(len(word)), recorded(data, "test"), recorded(data, "train")
    by = f"in features of {judges(data)['word']}"
    few = heard.features[: len(test.features)]
    copied = metrics.nearest(heard.features, train.features).median()
    own = metrics.nearest(test.features, train.features).median()
    found = [
        metric(key, 100 * float(right[key].mean()), "%", tolerance=0.3, full=True, definition=f"samples, {EACH} of each word in each voice, in which {name} hears the {key} that was asked for")
        for key, name in judges(data).items()
    ]  # fmt: skip
    if apart := getattr(data, "APART", ""):
        rest = right["word"][word != data.CLASSES.index(apart)]
        found.append(metric("word_others", 100 * float(rest.mean()), "%", tolerance=0.3, full=True, definition=f"the first figure without {apart!r}, whose background gives it away"))  # fmt: skip
    return [
        *found,
        metric("frechet", metrics.frechet_distance(heard.features, test.features), "", tolerance=0.5, full=True, definition=f"Fréchet distance of samples to the test recordings {by}"),
        metric("frechet_floor", metrics.frechet_distance(train.features, test.features), "", tolerance=0.1, full=True, definition="the same between training and test recordings"),
        metric("recall", metrics.precision_recall(test.features, few)[1], "", tolerance=0.02, full=True, definition=f"share of test recordings among as many samples (k = 3) {by}"),
        metric("nearest_training", float(copied / own), "", tolerance=0.02, full=True, definition=f"median distance of samples to the nearest training recording {by}, over that of test recordings; near 0 would be copying"),
        metric("peak", heard.peak, "", tolerance=0.01, full=True, definition="largest sample of all sounds; above 1 it would clip"),
    ]  # fmt: skip


def of_changes(model: Any, data: Spoken, longest: int) -> list[Metric]:
    """Measure test recordings whose voice is changed to each other one, and what probes still read of the old voice."""
    clips = data.load("test")
    sounds, words, news = [], [], []
    for s, frames, word, voice in parts(clips, longest):
        z = model.encode(s, frames, word, voice)
        for step in range(1, len(data.SPEAKERS)):
            new = (voice + step) % len(data.SPEAKERS)
            sounds += spoken(model.decode(z, frames, word, new), frames, data)
            words.append(word)
            news.append(new)
    word, voice = torch.cat(words), torch.cat(news)
    right = Heard.of(sounds, data).right(word=word, voice=voice)
    metric = metric_of(len(word))
    found = [
        metric(f"changed_{key}", 100 * float(right[key].mean()), "%", tolerance=0.5, full=True, definition=f"test recordings given each of the other voices in which {name} hears the {'word still' if key == 'word' else 'new voice'}")
        for key, name in judges(data).items()
    ]  # fmt: skip
    read, chance = probed(model, data, longest)
    return [
        *found,
        metric("old_voice", 100 * (read - chance), "points", n=len(clips), tolerance=3.0, full=True, definition="how often the better of two probes, lines and a network with a hidden layer of 256, reads the voice from z, above chance"),
    ]  # fmt: skip


def probed(model: Any, data: Spoken, longest: int) -> tuple[float, float]:
    """Return the share of test recordings whose voice a probe reads from z, and what guessing the commonest would give."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    codes: dict[str, list[np.ndarray]] = {"train": [], "test": []}
    labels: dict[str, np.ndarray] = {}
    for split, rows in codes.items():
        clips = data.load(split)
        labels[split] = clips.speakers
        for s, frames, word, voice in parts(clips, longest):
            z = model.encode(s, frames, word, voice)
            if z.ndim == 3:  # of its own length, which is no part of z: as many of its patches of each, evenly
                z = torch.cat(
                    [F.interpolate(one[: n // PATCH].mT[None], STEPS).flatten(1) for one, n in zip(z, frames.tolist(), strict=True)]
                )  # fmt: skip
            rows.extend(z.numpy())
    found = []
    for probe in (LogisticRegression(max_iter=500), MLPClassifier((256,), early_stopping=True, random_state=0)):
        fitted = make_pipeline(StandardScaler(), probe).fit(np.stack(codes["train"]), labels["train"])
        found.append(fitted.score(np.stack(codes["test"]), labels["test"]))
    return max(found), float(np.bincount(labels["test"]).max() / len(labels["test"]))


def of_words(model: Any, data: Spoken) -> dict[str, Table]:
    """Return how often the judges hear each word in each voice."""
    heard, word, voice = sampled(model, data)
    right = heard.right(word=word, voice=voice)
    columns = [Column("Word")]
    rows: list[list[Any]] = [[name] for name in data.CLASSES]
    for v, name in enumerate(data.SPEAKERS or ("any voice",)):
        for key, of in right.items():
            columns.append(Column(f"{name}: {key}" if data.SPEAKERS else "Heard", "%", ".0f"))
            for w, row in enumerate(rows):
                row.append(100 * float(of[(word == w) & (voice == v)].mean()))
    text = f"{EACH} samples of each word in each voice: how often {' and '.join(judges(data).values())} hear what was asked for."
    chart = [Plot("dots", ("Word", "Heard"), x="Heard, %")] if not data.SPEAKERS else []
    return {"heard": Table("Every word in every voice", text, tuple(columns), tuple(map(tuple, rows)), tuple(chart))}
