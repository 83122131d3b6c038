"""Train the VAE that speaks and whose encoder is the discriminator: `python -m train.audio_idvae digits` or `words`.

Reader (encoder and discriminator), then writer (decoder and generator), on the same recordings; between them the adversaries that read word and
voice from z. At the end what lines can still tell of them is erased (LEACE).
"""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from train.core import gan, heard
from train.core.average import Average
from train.core.command import main
from train.core.device import accelerator_of
from train.core.erasure import leace
from train.core.fit import build
from train.core.run import Run, publish
from train.core.spoken import recordings, spectrograms, voices
from train.core.steps import steps_of
from zoo.card import Metric
from zoo.data.spoken import Clips, Spoken
from zoo.models.audio_idvae import AudioIDVAE, Config, Reader
from zoo.sound import BINS, HOP, PATCH, about_median
from zoo.spoken import there
from zoo.tables import Losses


@dataclass(frozen=True)
class AudioIDVAESettings(gan.GANSettings):
    """Settings of the training."""

    epochs: float = 20
    batch_size: int = 32
    lr: float = 1e-3
    ema: float = 0.998
    bf16: bool = False
    snapshots: int = 14
    independent: float = 0.15
    """share of a spectrogram's places that count, since frames overlap: the weight of -log p(x | z, c)"""
    adversarial: float = 10.0
    """weight of the adversarial losses"""
    free: float = 0.4
    """nats of each number of z that cost nothing, without which the writer would do without z (arXiv 1606.04934)"""
    forget: float = 10.0
    """weight of what the adversaries can tell of word and voice by z"""
    penalty: float = 1.0
    penalty_every: int = 4
    model: Config = Config()


VARIANTS = {
    "digits": AudioIDVAESettings(data="fsdd"),
    "words": AudioIDVAESettings(data="wake_words", model=Config(longest=72)),
}
BARS = {"digits": {"word": (88, None), "voice": (80, None)}, "words": {"word_others": (85, None)}}
LOSSES = Losses(
    names={**gan.LOSSES.names, "absolute_error": "absolute error", "kl": "kl", "told": "what adversaries can tell"}
)


class Adversaries(nn.Module):
    """Read word and voice from z."""

    def __init__(self, latent: int, words: int, voices: int):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(latent, 256), nn.LeakyReLU(0.2), nn.Linear(256, 256), nn.LeakyReLU(0.2))
        self.word, self.voice = nn.Linear(256, words), nn.Linear(256, voices)

    def forward(self, z: Tensor, word: Tensor, voice: Tensor) -> Tensor:
        """Return -log p(word | z) - log p(voice | z), mean, for z (B, latent) and labels (B,)."""
        h = self.body(z)
        return F.cross_entropy(self.word(h), word) + F.cross_entropy(self.voice(h), voice)


def train(variant: str, settings: AudioIDVAESettings) -> Path | None:
    """Train, measure and save `audio_idvae.<variant>`; return its folder (None in all but the first process)."""
    data, clips, _ = recordings(settings)
    config = replace(settings.model, words="|".join(data.CLASSES), voices="|".join(data.SPEAKERS or ("any",)))
    settings = replace(settings, model=config)
    model = build(AudioIDVAE, settings)
    s, patches = spectrograms(clips, config.longest)
    word, voice = torch.from_numpy(clips.words), voices(clips)
    model.writer.asked.measure(patches, word, voice)
    trained, run = fit(f"audio_idvae.{variant}", model, (s, patches, word, voice), clips, data, settings)
    erase(trained, s, patches, word, voice)
    return publish(
        run,
        run.name,
        trained,
        data,
        partial(evaluate, full=True),
        golden,
        tables=heard.of_words,
        progress=heard.progress(data, LOSSES),
    )


def fit(
    name: str, model: AudioIDVAE, learnt: tuple[Tensor, ...], clips: Clips, data: Spoken, settings: AudioIDVAESettings
) -> tuple[AudioIDVAE, Run]:
    """Train the networks in turn; return the averaged model in eval mode, and the run."""
    accelerator = accelerator_of(settings)
    run = Run(name, settings, steps_of(settings, len(clips)), accelerator, data=clips.sha256)
    words, voices = len(model.words), len(model.voices)
    adversaries = Adversaries(settings.model.latent, words, voices)
    networks = {"reader": model.reader, "writer": model.writer, "adversaries": adversaries}
    adam = {"betas": (0.0, settings.beta2), "fused": True}
    optimizers = {
        f"{key}_adam": torch.optim.Adam(network.parameters(), lr=settings.lr, **adam)
        for key, network in networks.items()
    }
    read, write, told = accelerator.prepare(*networks.values())
    ema = Average(model, settings.ema)
    indices, keep = run.examples(len(clips)), heard.snapshot(data)

    def batch(step: int) -> list[Tensor]:
        s, patches, word, voice = (part[indices(step)] for part in learnt)
        here = there(patches)
        parts = s[..., : PATCH * here.shape[1]], word, voice, here
        return [part.to(accelerator.device) for part in parts]

    def step_of(key: str, loss: Tensor) -> None:
        accelerator.backward(loss)
        optimizers[f"{key}_adam"].step()
        optimizers[f"{key}_adam"].zero_grad()

    def unlikely(likeliest: Tensor, spread: Tensor, s: Tensor, here: Tensor) -> tuple[Tensor, Tensor]:
        """Return -log p(x | z, c), mean over recordings, and the mean absolute error."""
        shown, error = here.mT.repeat_interleave(PATCH, 2), (likeliest - s).abs()
        nats = ((error / spread + (2 * spread).log()) * shown).sum() / len(s)
        return nats, (error * shown).sum().detach() / (shown.sum() * BINS)

    def drawn(made: tuple[Tensor, Tensor], here: Tensor) -> Tensor:
        likeliest, spread = made
        noise = about_median(torch.randn(len(spread), spread.shape[2] * HOP).to(spread))[..., : spread.shape[2]]
        return torch.where(here.mT.repeat_interleave(PATCH, 2) > 0, (likeliest + spread * noise).clamp(-1, 1), -1.0)

    model.train()
    for step, (s, word, voice, here) in run.steps(
        batch,
        snapshot=lambda step: keep(run, ema.shipped(), step),
        scheduled=[*optimizers.values()],
        model=model,
        adversaries=adversaries,
        ema=ema,
        **optimizers,
    ):
        asked = F.one_hot(word, words).float(), F.one_hot(voice, voices).float()
        twice, here_twice = [torch.cat([part, part]) for part in asked], torch.cat([here, here])
        prior, eps = torch.randn(2, len(s), settings.model.latent).to(s)

        model.writer.requires_grad_(False)
        adversaries.requires_grad_(False)
        mean, logvar, real_score = (part.float() for part in read(s, *asked, here))
        z = mean + (0.5 * logvar).exp() * eps
        made = write(torch.cat([z, prior]), *twice, here_twice)
        nats, _ = unlikely(*(part[: len(s)] for part in made), s, here)
        played = drawn(made, here_twice).detach()
        each = 0.5 * (mean**2 + logvar.exp() - 1 - logvar).mean(0)
        kl = each.clamp_min(settings.free).sum()
        known = told(z, word, voice)
        real_twice = torch.cat([real_score, real_score])
        d_loss = F.softplus(read(played, *twice, here_twice)[2].float() - real_twice).mean()
        total = settings.independent * nats + kl + settings.adversarial * d_loss - settings.forget * known
        if step % settings.penalty_every == 0:
            penalty = steepness(model.reader, s, *asked, here) + steepness(model.reader, played[len(s) :], *asked, here)
            total = total + settings.adversarial * 0.5 * settings.penalty * settings.penalty_every * penalty
        step_of("reader", total)
        model.writer.requires_grad_(True)
        adversaries.requires_grad_(True)
        step_of("adversaries", told(z.detach(), word, voice))

        model.reader.requires_grad_(False)
        made = write(torch.cat([z.detach(), prior]), *twice, here_twice)
        g_loss = F.softplus(real_twice.detach() - read(drawn(made, here_twice), *twice, here_twice)[2].float()).mean()
        nats, absolute = unlikely(*(part[: len(s)] for part in made), s, here)
        step_of("writer", settings.independent * nats + settings.adversarial * g_loss)
        model.reader.requires_grad_(True)

        ema.update()
        run.record(
            {
                "generator_loss": g_loss,
                "discriminator_loss": d_loss,
                "absolute_error": absolute,
                "kl": kl,
                "told": known,
            }
        )
    return ema.shipped(), run


def steepness(reader: Reader, s: Tensor, word: Tensor, voice: Tensor, here: Tensor) -> Tensor:
    """Return the mean squared gradient of the score by the spectrogram."""
    s = s.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(reader(s, word, voice, here)[2].sum(), s, create_graph=True)
    return gradient.square().sum((1, 2)).mean()


@torch.no_grad()
def erase(model: AudioIDVAE, s: Tensor, patches: Tensor, word: Tensor, voice: Tensor) -> None:
    """Set the reader's erasure: the directions in which the recordings' word or voice move z."""
    reader = model.reader
    parts = zip(s.split(100), patches.split(100), strict=True)
    z = torch.cat([model.encode(part, PATCH * n) for part, n in parts])
    means = [
        z[label == one].mean(0) - z.mean(0)
        for label in (word, voice)
        for one in label.unique()
        if len(label.unique()) > 1
    ]
    reader.centre.copy_(z.mean(0))
    read, write = leace(z, torch.stack(means), reader.read.shape[1])
    reader.read.copy_(read)
    reader.write.copy_(write)


def evaluate(model: AudioIDVAE, data: Spoken, *, full: bool = False) -> list[Metric]:
    """Measure it: test recordings written again; and, in full, samples of every word in every voice, and voices changed."""

    def again(s: Tensor, frames: Tensor, word: Tensor, voice: Tensor) -> tuple[Tensor, Tensor]:
        z = model.encode(s, frames)
        return model.decode(z, frames, word, voice, rough=0), model.decode(z, frames, word, voice)

    longest = model.config.longest
    found = heard.of_samples(model, data) if full else []
    if full and data.SPEAKERS:
        found += heard.of_changes(model, data, longest)
    return found + heard.of_copies(again, data, longest)


def golden(model: AudioIDVAE) -> dict[str, Tensor]:
    """Return inputs and outputs that a loaded model must reproduce."""
    s = torch.rand(2, BINS, 40, generator=torch.Generator().manual_seed(0)) * 2 - 1
    frames, word, voice = torch.tensor([40, 40]), torch.tensor([0, 1]), torch.tensor([0, 0])
    z = model.encode(s, frames)
    return {
        **{"encode.in.0": s, "encode.in.1": frames, "encode.out.0": z},
        **{"decode.in.0": z, "decode.in.1": frames, "decode.in.2": word, "decode.in.3": voice},
        "decode.out.0": model.decode(z, frames, word, voice),
    }


if __name__ == "__main__":
    main(VARIANTS, train)
