"""Is it copied? The recordings that a model learnt from which are nearest to what it says, to a listener, played beside it."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from playground.catalogue import load
from playground.components.sound import player, sound
from playground.demo import Words
from playground.demos.say_it import speech
from playground.demos.say_it.speech import main, word
from playground.demos.say_it.together import Found
from playground.fields import Values
from playground.memory import remembered
from zoo.data import DataDamaged, DataNotFound
from zoo.data.spoken import Clips
from zoo.sound import HOP, ended

SHOWN = 2


def clips(name: str, split: str, said: str) -> Clips:
    """Return the recordings of a word in a split; errors as of `speech.recordings`."""
    found = speech.recordings(name, split)
    return found.part(found.words == speech.words(name).index(said))


def features(name: str, sounds: list[Tensor]) -> Tensor:
    """Return the features (N, 128) that the judge of a model's words has of sounds (n,)."""
    listener: Any = load(speech.judges(name)[0])
    with torch.no_grad():
        return listener.features(torch.cat([listener.framed(x[None]) for x in sounds]))


@remembered
def known(name: str, said: str) -> tuple[Tensor, float]:
    """Return features (N, 128) of the training recordings of a word, and how far the test recordings are from the nearest, in the middle."""
    train, test = (
        features(name, [torch.from_numpy(x.copy()) for x in clips(name, split, said).waveforms])
        for split in ("train", "test")
    )
    return train, float(torch.cdist(test, train).amin(1).median())


def parts(v: Values) -> Found:
    """Show what the page says beside the nearest recordings of that word that the model learnt from."""
    name, said = v["model"], word(v)
    if not speech.judges(name):
        return {
            "told": [Words("No listener of these words is at hand to compare by.", quiet=True)],
            "sounds": {},
            "after": None,
        }
    try:
        learnt = clips(name, "train", said)
        train, usual = known(name, said)
    except (DataNotFound, DataDamaged) as error:
        return {"told": [Words(f"There is nothing to compare with: {error}", quiet=True)], "sounds": {}, "after": None}
    made = main(v).x
    far = torch.cdist(features(name, [torch.from_numpy(np.ascontiguousarray(made))]), train)[0]
    shown = [sound(made, "Made by the model")]
    for rank, i in enumerate(far.argsort()[:SHOWN].tolist()):
        x = torch.from_numpy(learnt.waveforms[i].copy())
        (played,) = ended(x[None], torch.tensor([1 + len(x) // HOP]))
        who = learnt.speakers[i]
        by = f"by {speech.voices(name)[who]}, " if who >= 0 else ""
        shown.append(sound(played.numpy(), ("The nearest", "The second")[rank], f"A recording {by}{far[i]:.1f} away"))
    told = f"Of {len(learnt)} recordings of *{said}* that the model learnt from, those nearest to what it says, to {speech.judges(name)[0]}."
    after = f"{float(far.min()):.1f} away in its features; recordings of the word that the model never heard are {usual:.1f} away in the middle."
    return {"told": [Words(told)], "sounds": player(shown), "after": [Words(after, quiet=True)]}
