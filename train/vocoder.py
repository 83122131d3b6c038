"""Train the vocoder: `python -m train.vocoder speech`.

Its waveforms' spectra, at three resolutions, come near the recordings', and a small discriminator looks at the same spectra.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import zoo
from train.core.average import Average
from train.core.command import main
from train.core.device import accelerator_of
from train.core.fit import build
from train.core.run import Run, publish
from train.core.settings import Settings
from train.core.spoken import recordings
from train.core.steps import steps_of
from zoo.card import Metric
from zoo.data import fsdd, speech
from zoo.data.spoken import Clips
from zoo.models.vocoder import Config, Vocoder
from zoo.sound import HOP, QUIET, SIZE, distance, griffin_lim, guessed, istft, phases, spectrogram
from zoo.tables import Axis, Column, Losses, Plot, Progress, Table

SIZES = (128, 256, 512)  # of the frames that are compared


@dataclass(frozen=True)
class VocoderSettings(Settings):
    """Settings of the training."""

    epochs: float = 8
    batch_size: int = 16
    lr: float = 1e-3
    warmup: int = 100
    ema: float = 0.998
    bf16: bool = False
    snapshots: int = 14
    seconds: float = 0.512
    """of a recording that are looked at in a step"""
    adversarial: float = 0.02
    """weight of the discriminator's judgement"""
    alike: float = 0.05
    """weight of the distance of its features"""
    model: Config = Config()


VARIANTS = {"speech": VocoderSettings(data="speech")}
BARS = {"speech": {"distance": (None, 1.69), "lost": (None, 0.5)}}  # 1.69: fast Griffin-Lim, 60 steps
PROGRESS = Progress(
    {"distance": Axis("Distance of spectrograms of 60 test recordings, nothing settled", "dB")},
    Losses(names={"spectra": "distance of spectra", "adversarial": "adversarial", "discriminator": "discriminator"}),
)


def spectra(x: Tensor) -> list[Tensor]:
    """Return magnitudes of waveforms (B, N) at each resolution, (B, frequencies, frames)."""
    return [
        torch.stft(x, n, n // 4, window=torch.hann_window(n, device=x.device), return_complex=True)
        .abs()
        .clamp_min(QUIET * n / SIZE)  # below, a spectrogram tells nothing
        for n in SIZES
    ]


def unlike(a: list[Tensor], b: list[Tensor]) -> Tensor:
    """Return the distance of spectra: spectral convergence and mean absolute difference of logarithms (arXiv 1910.11480)."""
    parts = [
        ((x - y).norm(dim=(1, 2)) / (y.norm(dim=(1, 2)) + 1e-2)).mean() + (x.log() - y.log()).abs().mean()
        for x, y in zip(a, b, strict=True)
    ]
    return torch.stack(parts).mean()


class Discriminator(nn.ModuleList):
    """Convolutions over the logarithms of each resolution's spectra (after UnivNet, arXiv 2106.07889): one score for every few places."""

    def __init__(self, width: int = 16):
        strides = ((2, 1), (2, 2), (2, 2))
        widths = (1, width, width, width)
        super().__init__(
            nn.ModuleList(
                [
                    nn.utils.parametrizations.weight_norm(nn.Conv2d(a, b, 3, stride, padding=1))
                    for a, b, stride in zip(widths, widths[1:], strides, strict=False)
                ]
                + [nn.Conv2d(width, 1, 3, padding=1)]
            )
            for _ in SIZES
        )

    def forward(self, found: list[Tensor]) -> list[list[Tensor]]:
        """Map spectra to features, the last of them scores, of each resolution."""
        out = []
        for layers, magnitude in zip(self, found, strict=True):
            h, kept = magnitude.log()[:, None] / 4, []
            for layer in layers:
                h = layer(F.leaky_relu(h, 0.2) if kept else h)
                kept.append(h)
            out.append(kept)
        return out


def train(variant: str, settings: VocoderSettings) -> Path | None:
    """Train, measure and save `vocoder.<variant>`; return its folder (None in all but the first process)."""
    data, clips, asked = recordings(settings)
    x = [torch.from_numpy(one.copy()) for one in clips.waveforms]
    s = [spectrogram(one[None])[0] for one in x]
    p = [phases(one[None])[0] for one in s]
    frames = round(settings.seconds * 8000 / HOP) + 1

    def batch(index: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        parts = []
        for i in index.tolist():
            start = int(torch.randint(max(1, s[i].shape[1] - frames), ()))
            n = (frames - 1) * HOP
            wave, image, turn = x[i][start * HOP :][:n], s[i][:, start:][:, :frames], p[i][:, start:][:, :frames]
            missing = frames - image.shape[1]
            parts.append(
                (F.pad(wave, (0, n - len(wave))), F.pad(image, (0, missing), value=-1.0), F.pad(turn, (0, missing)))
            )
        wave, image, turn = (torch.stack(part) for part in zip(*parts, strict=True))
        return wave, image, turn

    model, run = fit(f"vocoder.{variant}", build(Vocoder, settings), batch, clips, asked, settings)
    return publish(run, run.name, model, data, partial(evaluate, full=True), golden, tables=tables, progress=PROGRESS)


def fit(name: str, model: Vocoder, batch, clips: Clips, asked: Clips, settings: VocoderSettings) -> tuple[Vocoder, Run]:
    """Train network and discriminator in turn; return the averaged network in eval mode, and the run."""
    accelerator = accelerator_of(settings)
    run = Run(name, settings, steps_of(settings, len(clips)), accelerator, data=clips.sha256)
    discriminator = Discriminator()
    adam = {"lr": settings.lr, "betas": (0.8, 0.99), "fused": True}
    optimizers = {
        "adam": torch.optim.AdamW(model.parameters(), **adam),
        "d_adam": torch.optim.AdamW(discriminator.parameters(), **adam),
    }
    make, judge = accelerator.prepare(model, discriminator)
    ema, indices = Average(model, settings.ema), run.examples(len(clips))
    some = asked.part(torch.linspace(0, len(asked) - 1, 60).long().numpy())

    def moment(step: int) -> None:
        waves = [torch.from_numpy(one.copy())[None] for one in some.waveforms]
        shipped = ema.shipped()
        found = [distance(wave, shipped(spectrogram(wave), phases(spectrogram(wave)))) for wave in waves]
        run.keep(step, distance=sum(found) / len(found))

    def scored(x: Tensor) -> list[list[Tensor]]:
        return judge(spectra(x))

    margin = SIZE  # of the ends, where frames lack a neighbour, nothing is asked
    for _, (wave, image, turn) in run.steps(
        lambda step: [part.to(accelerator.device) for part in batch(indices(step))],
        snapshot=moment,
        scheduled=[*optimizers.values()],
        model=model,
        discriminator=discriminator,
        ema=ema,
        **optimizers,
    ):
        made, wave = make(image, turn).float()[:, margin:-margin], wave[:, margin:-margin]
        seen, real = spectra(made), spectra(wave)
        real_scores, made_scores = judge(real), judge([part.detach() for part in seen])
        d_loss = sum(
            F.relu(1 - r[-1]).mean() + F.relu(1 + m[-1]).mean() for r, m in zip(real_scores, made_scores, strict=True)
        )
        accelerator.backward(d_loss)
        optimizers["d_adam"].step()
        optimizers["d_adam"].zero_grad()

        discriminator.requires_grad_(False)
        made_scores = judge(seen)
        g_loss = -sum(m[-1].mean() for m in made_scores)
        alike = sum(
            F.l1_loss(a, b.detach())
            for m, r in zip(made_scores, real_scores, strict=True)
            for a, b in zip(m[:-1], r[:-1], strict=True)
        )
        near = unlike(seen, real)
        accelerator.backward(near + settings.adversarial * g_loss + settings.alike * alike)
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizers["adam"].step()
        optimizers["adam"].zero_grad()
        discriminator.requires_grad_(True)
        ema.update()
        run.record({"spectra": near, "adversarial": g_loss, "discriminator": d_loss})
    return ema.shipped(), run


WAYS: dict[str, Callable[[Tensor, Vocoder], Tensor]] = {
    "Griffin-Lim, fast, 32 steps": lambda s, model: griffin_lim(s, steps=32),
    "Griffin-Lim, fast, 60 steps": lambda s, model: griffin_lim(s, steps=60),
    "Phases integrated": lambda s, model: istft(guessed(s)),
    "Phases integrated, 32 steps": lambda s, model: griffin_lim(s, steps=32, start=guessed(s)),
    "Network": lambda s, model: model(s, phases(s)),
    "Network, 32 steps (the vocoder)": lambda s, model: model.decode(s),
}
JUDGE = "listener.digits-judge"


@lru_cache(maxsize=1)
@torch.no_grad()
def compared(model: Vocoder) -> tuple[dict[str, float], dict[str, float], float]:
    """Return, of each way, the mean distance over all test recordings, in dB, and how many digits the judge hears, in %; and in the recordings."""
    judge, digits = zoo.load(JUDGE), fsdd.load("test").words.tolist()
    far = dict.fromkeys(WAYS, 0.0)
    heard = dict.fromkeys(WAYS, 0)
    plain, clips = 0, speech.load("test")
    for i, one in enumerate(clips.waveforms):
        x = torch.from_numpy(one.copy())[None]
        s = spectrogram(x)
        plain += i < len(digits) and int(judge.classify(judge.framed(x)).argmax()) == digits[i]
        for way, make in WAYS.items():
            y = make(s, model)
            far[way] += distance(x, y)
            heard[way] += i < len(digits) and int(judge.classify(judge.framed(y)).argmax()) == digits[i]
    return (
        {way: value / len(clips) for way, value in far.items()},
        {way: 100 * value / len(digits) for way, value in heard.items()},
        100 * plain / len(digits),
    )


def evaluate(model: Vocoder, data: Any, *, full: bool = False) -> list[Metric]:
    """Measure it on all test recordings, digits and wake words, beside ways without a network."""
    far, heard, plain = compared(model)
    own = list(WAYS)[-1]
    metric = partial(Metric, n=len(speech.load("test")), split="test", tolerance=0.01)
    return [
        metric("distance", far[own], "dB", definition="log-spectral distance of recordings and what is made of their spectrograms: root mean square over frequencies, mean over frames and recordings"),
        *(metric(name, far[way], "dB", definition=f"the same: {way.lower()}") for name, way in zip(NAMES, WAYS, strict=False)),
        metric("lost", plain - heard[own], "points", n=len(fsdd.load("test")), tolerance=0.34, definition=f"test digits that {JUDGE} hears right in the recordings, less those in what is made of their spectrograms"),
    ]  # fmt: skip


NAMES = ("griffin_lim_32", "griffin_lim_60", "integrated", "integrated_32", "network")


def tables(model: Vocoder, data: Any) -> dict[str, Table]:
    """Return the ways side by side."""
    far, heard, plain = compared(model)
    rows = tuple((way, far[way], heard[way]) for way in WAYS)
    columns = (Column("Way"), Column("Distance", "dB", ".2f"), Column("Digits heard", "%", ".1f"))
    text = f"From a spectrogram to a waveform: {len(speech.load('test'))} test recordings, the digits among them heard by {JUDGE}, which hears {plain:.1f} % of the recordings themselves right."
    chart = Plot("dots", ("Way", "Distance"), x="Log-spectral distance, dB")
    return {"ways": Table("Phases, six ways", text, columns, rows, (chart,))}


def golden(model: Vocoder) -> dict[str, Tensor]:
    """Return inputs and outputs that a loaded model must reproduce."""
    x = 0.1 * torch.sin(torch.arange(3200) * torch.linspace(0.2, 0.9, 3200))[None]
    s = spectrogram(x)
    return {"forward.in.0": s, "forward.in.1": phases(s), "forward.out.0": model(s, phases(s))}


if __name__ == "__main__":
    main(VARIANTS, train)
