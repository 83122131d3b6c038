"""Train a flow that speaks: `python -m train.audio_flow digits` or `words`.

First the autoencoder, then the flow in its latents. Muon for the matrices and AdamW for the rest, weight averaging.
"""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from train.core import heard
from train.core.command import main
from train.core.fit import build, fit
from train.core.run import publish
from train.core.settings import Settings
from train.core.spoken import recordings, spectrograms, voices
from zoo.card import Metric
from zoo.data.spoken import Spoken
from zoo.models.audio_flow import AudioFlow, Config
from zoo.sound import HOP, PATCH
from zoo.spoken import texture, there
from zoo.tables import Losses


@dataclass(frozen=True)
class AudioFlowSettings(Settings):
    """Settings of the training."""

    epochs: float = 80
    """of the flow"""
    batch_size: int = 64
    lr: float = 3e-3
    warmup: int = 50
    weight_decay: float = 0.05
    ema: float = 0.998
    bf16: bool = True
    snapshots: int = 14
    reading: float = 20
    """epochs of the autoencoder"""
    reading_batch: int = 32
    """recordings a step of the autoencoder"""
    late: int = 4
    """how often each recording is read, each time beginning a little later"""
    model: Config = Config()


VARIANTS = {
    "digits": AudioFlowSettings(data="fsdd"),
    "words": AudioFlowSettings(data="wake_words", model=Config(longest=72, width=128, blocks=4, heads=4)),
}
BARS = {
    "digits": {
        "word": (95, None),
        "voice": (90, None),
        "recall": (0.5, None),
        "nearest_training": (0.7, None),
        "changed_word": (90, None),
        "changed_voice": (80, None),
        "old_voice": (None, 10),
        "peak": (None, 1),
    },
    "words": {"word_others": (92, None)},
}
LOSSES = Losses(unit="per number, squared")


def train(variant: str, settings: AudioFlowSettings) -> Path | None:
    """Train, measure and save `audio_flow.<variant>`; return its folder (None in all but the first process)."""
    data, clips, _ = recordings(settings)
    config = replace(settings.model, words="|".join(data.CLASSES), voices="|".join(data.SPEAKERS or ("any",)))
    settings = replace(settings, model=config)
    name, model = f"audio_flow.{variant}", build(AudioFlow, settings)
    word, voice = torch.from_numpy(clips.words), voices(clips)
    views = [spectrograms(clips, config.longest, late=PATCH * HOP * i // settings.late) for i in range(settings.late)]
    s, patches = (torch.stack(part, 1) for part in zip(*views, strict=True))  # (N, late, 128, T), (N, late)

    def chosen(index: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        view = torch.randint(settings.late, index.shape)
        here = there(patches[index, view])
        return index, view, here

    def recorded(index: Tensor) -> tuple[Tensor, Tensor]:
        index, view, here = chosen(index)
        return s[index, view, :, : PATCH * here.shape[1]], here

    reading = replace(
        settings, epochs=settings.reading, batch_size=settings.reading_batch, snapshots=0, weight_decay=0.0
    )
    coder, first = fit(
        f"{name}-autoencoder", model.autoencoder, recorded, len(clips), reading, data=clips.sha256, muon=model.autoencoder
    )  # fmt: skip
    model.autoencoder = coder.requires_grad_(False)
    z = torch.cat([_latents(coder, part, kept) for part, kept in zip(s.split(50), patches.split(50), strict=True)])
    model.asked.measure(patches[:, 0], word, voice)

    def batch(index: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        index, view, here = chosen(index)
        return z[index, view, : here.shape[1]], word[index], voice[index], here

    trained, run = fit(
        name,
        model,
        batch,
        len(clips),
        settings,
        data=clips.sha256,
        snapshot=heard.snapshot(data),
        lengths=patches[:, 0],
        muon=model.blocks,
    )
    run.seconds += first.seconds
    return publish(
        run,
        name,
        trained,
        data,
        partial(evaluate, full=True),
        golden,
        tables=heard.of_words,
        progress=heard.progress(data, LOSSES),
    )


@torch.no_grad()
def _latents(coder: torch.nn.Module, s: Tensor, patches: Tensor) -> Tensor:
    """Return the latents of spectrograms (B, views, 128, T): (B, views, T / 2, channels)."""
    here = there(patches.flatten(), s.shape[3] // PATCH)
    return coder.encode(s.flatten(0, 1), here).unflatten(0, s.shape[:2])


def evaluate(model: AudioFlow, data: Spoken, *, full: bool = False) -> list[Metric]:
    """Measure it: the autoencoder on test recordings; and, in full, samples of every word in every voice, and voices changed."""

    def again(s: Tensor, frames: Tensor, word: Tensor, voice: Tensor) -> tuple[Tensor, Tensor]:
        here = there(frames // PATCH)
        z = model.autoencoder.encode(s, here)
        return model.autoencoder.decode(z, here), model.autoencoder.decode(z, here, texture(len(s), s.shape[2], seed=0))

    longest = model.config.longest
    found = heard.of_samples(model, data) if full else []
    if full and data.SPEAKERS:
        found += heard.of_changes(model, data, longest)
    return found + heard.of_copies(again, data, longest)


def golden(model: AudioFlow) -> dict[str, Tensor]:
    """Return inputs and outputs that a loaded model must reproduce."""
    z = torch.randn(2, 20, model.config.channels, generator=torch.Generator().manual_seed(0))
    frames, word, voice = torch.tensor([40, 40]), torch.tensor([0, 1]), torch.tensor([0, 0])
    told = {"decode.in.0": z, "decode.in.1": frames, "decode.in.2": word, "decode.in.3": voice}
    return {**told, "decode.out.0": model.decode(z, frames, word, voice)}


if __name__ == "__main__":
    main(VARIANTS, train)
