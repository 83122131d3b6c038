"""DDPM: denoising diffusion (arXiv 2006.11239), class-conditional, with a small U-Net.

The forward process adds noise to a picture, little by little; a network learns to predict what was there. The reverse process
starts from noise alone and evaluates the network again and again, each time with a little less noise.

    x_t = a_t x + s_t eps,   a_t^2 + s_t^2 = 1,   loss = E |v_theta(x_t, t, y) - (a_t eps - s_t x)|^2

Departures: the network predicts v (arXiv 2202.00512), from which clean picture and noise both follow, x = a_t x_t - s_t v and
eps = s_t x_t + a_t v; the schedule is a cosine (arXiv 2102.09672); labels are dropped at times, for classifier-free guidance
(arXiv 2207.12598); the U-Net works at half resolution on 2x2 pixel blocks.

Samplers: 'ddpm' (the paper's, with noise at every step), 'ddim' (arXiv 2010.02502, none) and 'dpm' (DPM-Solver++ 2M, arXiv
2211.01095: as DDIM, but second order, by the step before; made for few steps).
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo.models.ddpm.unet import UNet
from zoo.nn import SAMPLES, labels, noise

PAPER = "arXiv:2006.11239"
TASK, TAKES, MAKES = "generate", ("noise", "label"), "picture"
USE = "x = model.sample(16, seed=3, label=7)  # (16, 1, 28, 28) in [0, 1]"
PICTURES = SAMPLES
SAMPLERS = ("ddpm", "ddim", "dpm")
MOST_STEPS = 100_000  # a config's schedule is made before its weights are looked at


@dataclass(frozen=True)
class Config:
    """Shape of the network, and the schedule's length."""

    width: int = 64
    """channels at 14x14"""
    deep: int = 128
    """channels at 7x7"""
    heads: int = 4
    """heads of the attention at 7x7"""
    steps: int = 1000
    """T, the levels of noise in training"""
    classes: int = 10
    """number of labels"""
    unlabelled: float = 0.1
    """share of training pictures whose label is dropped"""

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= MOST_STEPS:
            raise ValueError(f"steps must be from 1 to {MOST_STEPS}, not {self.steps}")


@dataclass(frozen=True)
class Step:
    """One state of the sampling trajectory, from noise to picture."""

    t: int
    """level of noise, T (nothing but noise) to 0 (none)"""
    x: Tensor
    """(B, 1, 28, 28), what is there: about -1 to 1 under the noise"""
    clean: Tensor
    """(B, 1, 28, 28) in [-1, 1]: the clean picture that the network predicts from the x of the step before"""


def schedule(steps: int) -> Tensor:
    """Return a_t^2, the factor on the picture's variance at level t: (steps + 1,) float64, from 1 to nearly 0."""
    t = torch.linspace(0, 1, steps + 1, dtype=torch.float64, device="cpu")  # numbers wherever the model is built
    share = (0.5 * math.pi * (t + 0.008) / 1.008).cos() ** 2
    beta = (1 - share[1:] / share[:-1]).clamp(max=0.999)  # as its paper: else all is lost in the last step
    return torch.cat([torch.ones(1, dtype=torch.float64, device="cpu"), (1 - beta).cumprod(0)])


class DDPM(nn.Module):
    """A diffusion model of 28x28 grey pictures with labels."""

    a: Tensor
    """(T + 1,) factor on the picture at each level"""
    s: Tensor
    """(T + 1,) factor on the noise"""

    def __init__(self, config: Config = Config()):
        super().__init__()
        self.config = config
        self.unet = UNet(config.width, config.deep, config.heads, config.classes)
        share = schedule(config.steps)
        self.register_buffer("a", share.sqrt().float(), persistent=False)
        self.register_buffer("s", (1 - share).sqrt().float(), persistent=False)

    def forward(self, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Return the training loss: squared error of v at random levels, mean over pixels.

        Args:
            x: (B, 1, 28, 28) in [0, 1].
            y: (B,) labels.
        """
        t = torch.randint(1, self.config.steps + 1, (len(x),), device=x.device)
        y = y.where(torch.rand(len(x), device=x.device) >= self.config.unlabelled, self.config.classes)
        x, eps = 2 * x - 1, torch.randn_like(x)
        a, s = (level[t, None, None, None] for level in (self.a, self.s))
        v = self.unet(a * x + s * eps, t / self.config.steps, y).float()
        return {"loss": F.mse_loss(v, a * eps - s * x)}

    def clean(self, x: Tensor, t: int, y: Tensor, guidance: float = 1.0) -> Tensor:
        """Predict the clean picture under the noise.

        Args:
            x: x_t, (B, 1, 28, 28).
            t: level of noise, 1 to T.
            y: (B,) labels.
            guidance: scale of classifier-free guidance: 0 is unconditional, 1 conditional, above 1 extrapolates,
                v_none + guidance (v_label - v_none), which evaluates the network twice.

        Returns:
            (B, 1, 28, 28) in [-1, 1].
        """
        at, none = (
            torch.full((len(x),), t / self.config.steps, device=x.device),
            torch.full_like(y, self.config.classes),
        )
        if guidance in (0, 1):
            v = self.unet(x, at, y if guidance else none)
        else:
            told, free = self.unet(torch.cat([x, x]), torch.cat([at, at]), torch.cat([y, none])).chunk(2)
            v = free + guidance * (told - free)
        return (self.a[t] * x - self.s[t] * v).clamp(-1, 1)

    def levels(self, steps: int) -> list[int]:
        """Return the levels of noise of a trajectory of so many steps: T first, 0 last, evenly spaced.

        Raises:
            ValueError: steps is not from 1 to T.
        """
        if not 1 <= steps <= self.config.steps:
            raise ValueError(f"steps must be from 1 to {self.config.steps}, not {steps}")
        return torch.linspace(self.config.steps, 0, steps + 1).round().int().tolist()

    def walk(
        self, x: Tensor, y: Tensor, *, seed: int, steps: int = 10, sampler: str = "dpm", guidance: float = 1.2,
        temperature: float = 1.0, start: int = 0, known: Tensor | None = None, mask: Tensor | None = None, repeats: int = 1,
    ) -> Iterator[Step]:  # fmt: skip
        """Sample, and yield every state of the trajectory.

        Args:
            x: x_T, (B, 1, 28, 28): standard normal.
            y: (B,) labels.
            seed: of the noise that the sampler itself adds ('ddpm', and where a part is known).
            steps: of the trajectory, 1 to T.
            sampler: one of `SAMPLERS`.
            guidance: as in `clean`; other than 0 and 1 it takes two evaluations a step.
            temperature: times the noise that the sampler adds.
            start: index of the first picture, for that noise.
            known, mask: pictures (1 or B, 1, 28, 28) in [-1, 1], and 1 where they are to be kept: put into the clean picture, with
                the repeats of arXiv 2201.09865.
            repeats: each step is done so often, noised again in between, so that the rest comes to fit what is known.

        Yields:
            the state after each step, `steps` of them (of the repeats only the last).

        Raises:
            ValueError: steps or sampler is not to be had.
        """
        if sampler not in SAMPLERS:
            raise ValueError(f"sampler must be one of {', '.join(SAMPLERS)}, not {sampler!r}")
        levels, before, draws = self.levels(steps), None, 0

        def fresh() -> Tensor:
            nonlocal draws
            draws += 1  # a stream of its own for each draw: see zoo.nn.uniform
            found = noise(len(x), *x.shape[1:], seed=seed, start=start + (draws << 32))
            return temperature * found.to(x.device)

        for t, u in zip(levels, levels[1:], strict=False):
            for again in reversed(range(repeats if u else 1)):
                clean = self.clean(x, t, y, guidance)
                if known is not None and mask is not None:
                    clean = torch.where(mask > 0, known, clean)
                x_u = self.step(x, clean, t, u, sampler, before, fresh)
                if again:  # back up to t
                    share = self.a[t] / self.a[u]
                    x = share * x_u + (1 - share**2).sqrt() * fresh()
            x, before = x_u, (t, clean)
            yield Step(u, x, clean)

    def step(
        self,
        x: Tensor,
        clean: Tensor,
        t: int,
        u: int,
        sampler: str,
        before: tuple[int, Tensor] | None,
        fresh: Callable[[], Tensor],
    ) -> Tensor:
        """Go from x_t to x_u, u < t, given the clean picture predicted from x_t; `before` is (t, clean) of the step before."""
        a, s, a_u, s_u = self.a[t], self.s[t], self.a[u], self.s[u]
        if u == 0:
            return clean
        if sampler == "ddpm":  # the posterior q(x_u | x_t, clean)
            variance = (s_u / s) ** 2 * (1 - (a / a_u) ** 2)
            kept = (s_u**2 - variance).sqrt() / s
            return a_u * clean + kept * (x - a * clean) + variance.sqrt() * fresh()
        if sampler == "dpm" and before:
            span, last = self._log_snr(u) - self._log_snr(t), self._log_snr(t) - self._log_snr(before[0])
            clean = clean + 0.5 * span / last * (clean - before[1])
        return a_u * clean + s_u / s * (x - a * clean)

    def _log_snr(self, t: int) -> Tensor:
        return (self.a[t] / self.s[t]).log()

    def sample(
        self, n: int, *, seed: int, label: int | Tensor | None = None, temperature: float = 1.0, steps: int = 10,
        sampler: str = "dpm", guidance: float = 1.2, start: int = 0,
    ) -> Tensor:  # fmt: skip
        """Draw n pictures with the labels given.

        Args:
            n: number of pictures.
            seed: 0 to 2**32 - 1; picture i depends on (seed, start + i) and its label alone.
            label: one for all, (n,) one each, or None for 0, 1, 2 ... in turn.
            temperature: standard deviation of the noise; below 1 plainer.
            steps, sampler, guidance, start: as in `walk`.

        Returns:
            (n, 1, 28, 28) in [0, 1].

        Raises:
            ValueError: a label, n, the seed, the steps or the sampler is not to be had.
        """
        x = temperature * noise(n, 1, 28, 28, seed=seed, start=start)
        y = labels(n, label, self.config.classes)
        *_, last = self.walk(
            x.to(self.a.device), y.to(self.a.device), seed=seed, steps=steps, sampler=sampler, guidance=guidance,
            temperature=temperature, start=start,
        )  # fmt: skip
        return (last.x + 1) / 2


Model = DDPM
