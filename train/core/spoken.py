"""Recordings of words as the models that speak learn from them: spectrograms of their own lengths, with silence after."""

import torch
from torch import Tensor

from train.core.settings import Settings
from zoo.data import named
from zoo.data.spoken import Clips, Spoken
from zoo.sound import BINS, HOP, PATCH, spectrogram


def recordings(settings: Settings) -> tuple[Spoken, Clips, Clips]:
    """Return the data set of the settings, what is learnt from, and what it is validated on: the test part, unless some is kept back."""
    data = named(settings.data)
    clips = data.load("train")
    if not settings.holdout:
        return data, clips, data.load("test")
    order = torch.randperm(len(clips), generator=torch.Generator().manual_seed(0)).numpy()
    return data, clips.part(order[settings.holdout :]), clips.part(order[: settings.holdout])


def voices(clips: Clips) -> Tensor:
    """Return the numbers of the speakers, (N,), 0 where they are not known."""
    return torch.from_numpy(clips.speakers).clamp_min(0)


def spectrograms(clips: Clips, longest: int, *, late: int = 0) -> tuple[Tensor, Tensor]:
    """Return spectrograms (N, 128, 2 longest), -1 after each one's end, and how many patches of two frames each has, (N,).

    Args:
        late: samples that are left out at the beginning.
    """
    s, patches = torch.full((len(clips), BINS, PATCH * longest), -1.0), []
    for row, one in zip(s, clips.waveforms, strict=True):
        x = torch.from_numpy(one.copy())[late:][: (PATCH * longest - 1) * HOP]
        found = spectrogram(x[None])[0]
        patches.append(found.shape[1] // PATCH)
        kept = PATCH * patches[-1]
        row[:, :kept] = found[:, :kept]
    return s, torch.tensor(patches)
