"""Two plain ways to paint a pattern into a drawing, trained on the same halves: what the butterflies' model is compared with.

`CVAE` (Sohn et al. 2015) encodes a picture to a vector that a U-Net gets beside the drawing; `Pix2Pix` (arXiv 1611.07004)
is the same U-Net against a patch discriminator, with a random vector for the pattern.
"""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from train.retexture.critics import Discriminator
from train.retexture.specimens import Batches
from zoo.models.retexture import Block, Config, distance, wings

LATENT = 128


class UNet(nn.Module):
    """A half's drawing and a vector to a picture."""

    def __init__(self, width: int = 96):
        super().__init__()
        w = width
        self.enter = nn.Sequential(nn.PixelUnshuffle(2), nn.Conv2d(2 * 4, w, 3, padding=1), Block(w))
        self.down = nn.Sequential(nn.Conv2d(w, 2 * w, 4, stride=2, padding=1), Block(2 * w))
        self.style = nn.Linear(LATENT, 2 * 2 * w + 2 * w)
        self.middle = nn.Sequential(Block(2 * w), Block(2 * w))
        self.up = nn.Sequential(nn.Conv2d(2 * w, 4 * w, 1), nn.PixelShuffle(2))
        self.leave = nn.Sequential(Block(w), Block(w), nn.SiLU(), nn.Conv2d(w, 4 * 4, 3, padding=1), nn.PixelShuffle(2))

    def forward(self, z: Tensor, strokes: Tensor, silhouette: Tensor) -> tuple[Tensor, Tensor]:
        """Map z (B, LATENT) and drawings (B, 1, H, W) each to colour (B, 3, H, W), about [-1, 1], and alpha logits."""
        w = self.enter[1].out_channels
        scale, shift, late_scale, late_shift = self.style(z)[..., None, None].split([2 * w, 2 * w, w, w], 1)
        fine = self.enter(torch.cat([strokes, silhouette], 1))
        h = self.middle(self.down(fine) * (1 + scale) + shift)
        out = self.leave((self.up(h) + fine) * (1 + late_scale) + late_shift).float()
        return out[:, :3], out[:, 3:]


class Baseline(nn.Module):
    """What both share: whole pictures by halves, as `zoo.models.retexture.Retexture` takes and gives them."""

    def __init__(self, config: Config):
        super().__init__()
        self.config, self.painter = config, UNet()

    def decode(self, z: Tensor, strokes: Tensor, silhouette: Tensor) -> Tensor:
        """Paint z (B, LATENT) into drawings (B, 1, S, S): (B, 4, S, S) in [0, 1]."""
        colour, alpha = self.painter(z.repeat(2, 1), wings.halves(strokes), wings.halves(silhouette))
        painted = torch.cat([(colour + 1) / 2, alpha.sigmoid()], 1).clamp(0, 1)
        return wings.join(*painted.chunk(2))

    def forward(self, strokes: Tensor, silhouette: Tensor, target: Tensor) -> dict[str, Tensor]:
        """Paint halves and return the losses, with the picture on white (B, 3, H, W) in [-1, 1]."""
        z, kl = self.pattern(target)
        colour, alpha = self.painter(z, strokes, silhouette)
        opacity = alpha.sigmoid()
        picture = opacity * colour + 1 - opacity
        area = ((target[:, 3:] + 1) / 2).mean((1, 2, 3), keepdim=True).clamp_min(0.02)
        shape = F.binary_cross_entropy_with_logits(alpha, (target[:, 3:] + 1) / 2)
        return {"recon": distance(picture, target[:, :3], area), "shape": shape, "kl": kl, "picture": picture}


class CVAE(Baseline):
    """A conditional VAE: q(z | picture), p(picture | z, drawing)."""

    def __init__(self, config: Config, width: int = 96):
        super().__init__(config)
        w = width
        self.encoder = nn.Sequential(
            nn.PixelUnshuffle(2), nn.Conv2d(4 * 4, w, 3, padding=1), Block(w),
            nn.Conv2d(w, 2 * w, 4, stride=2, padding=1), Block(2 * w), Block(2 * w),
            nn.Conv2d(2 * w, w, 4, stride=2, padding=1), nn.SiLU(), nn.Flatten(), nn.LazyLinear(2 * LATENT),
        )  # fmt: skip
        self.encoder(torch.zeros(1, 4, config.size, config.size * 9 // 16))

    def pattern(self, target: Tensor) -> tuple[Tensor, Tensor]:
        """Draw z of halves (B, 4, H, W) in [-1, 1]: (B, LATENT), and the KL term."""
        mean, logvar = self.encoder(target).float().chunk(2, 1)
        logvar = logvar.clamp(-12, 4)
        kl = 0.5 * (mean**2 + logvar.exp() - 1 - logvar).mean()
        return mean + (0.5 * logvar).exp() * torch.randn_like(mean), kl

    def encode(self, picture: Tensor, silhouette: Tensor) -> tuple[Tensor, Tensor]:
        """Map pictures (B, 3, S, S) and silhouettes (B, 1, S, S) to the halves' mean of (mean, logvar), (B, LATENT) each."""
        both = self.encoder(wings.halves(torch.cat([picture, silhouette], 1)) * 2 - 1)
        return (sum(both.chunk(2)) / 2).chunk(2, 1)


class Pix2Pix(Baseline):
    """A conditional GAN whose pattern is a random vector."""

    def pattern(self, target: Tensor) -> tuple[Tensor, Tensor]:
        """Draw a random z for each half: (B, LATENT), and no KL term."""
        return torch.randn(len(target), LATENT), torch.zeros(())

    def encode(self, picture: Tensor, silhouette: Tensor) -> tuple[Tensor, Tensor]:
        """Return the Gaussian that z is drawn from, whatever the picture."""
        return torch.zeros(2, len(picture), LATENT).unbind()


def fit(
    kind: type[Baseline], make: Batches, examples: int, done: Callable[[int], float], *, lr: float = 5e-4
) -> tuple[Baseline, int]:
    """Train a baseline in batches of 16; return its averaged weights, in eval mode, and the steps done.

    Args:
        done: what share of the training is over after so many steps, by steps or by the clock; at 1 it ends.

    The losses are those of the butterflies' model, less its discriminator's for the CVAE; the GAN's weights are
    pix2pix's, 100 to 1.
    """
    torch.manual_seed(0)
    model, discriminator = kind(make.config), Discriminator()
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, betas=(0.9, 0.99), weight_decay=1e-4, fused=True)
    d_optimizer = torch.optim.AdamW(discriminator.parameters(), lr=lr, betas=(0.5, 0.99), fused=True)
    average = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998))
    step = 0
    while (share := done(step)) < 1:
        for group in [*optimizer.param_groups, *d_optimizer.param_groups]:
            group["lr"] = lr * min(1, (step + 1) / 200) * 0.5 * (1 + math.cos(math.pi * share))
        batch = make(torch.randint(examples, (16,)))
        strokes, silhouette, target = (batch[key] for key in ("strokes", "silhouette", "target"))
        with torch.autocast("cpu", torch.bfloat16):
            out = model(strokes, silhouette, target)
            loss = out["recon"] + 0.2 * out["shape"] + 0.01 * out["kl"]
            if kind is Pix2Pix:
                scores, _ = discriminator(
                    torch.cat([target[:, :3], out["picture"].detach()]), strokes.repeat(2, 1, 1, 1), silhouette.repeat(2, 1, 1, 1)
                )  # fmt: skip
                real, made = scores.float().chunk(2)
                (F.relu(1 - real).mean() + F.relu(1 + made).mean()).backward()
                d_optimizer.step()
                d_optimizer.zero_grad()
                discriminator.requires_grad_(False)
                loss = loss - 0.01 * discriminator(out["picture"], strokes, silhouette)[0].float().mean()
                discriminator.requires_grad_(True)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        average.update_parameters(model)
        step += 1
    return average.module.eval(), step
