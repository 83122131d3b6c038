"""char-GPT's network, and its text as numbers and back."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, library, nn

from zoo.models.char_gpt.writing import Writer
from zoo.writing import Writes

SHAKESPEARE = "\n !$&',-.3:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Config:
    """Sizes of the model."""

    chars: str = SHAKESPEARE
    """all characters that it knows, in order"""
    window: int = 256
    """characters that one character attends to in a layer"""
    layers: int = 6
    heads: int = 6
    width: int = 384
    """length of a character's embedding, a multiple of 2 * heads"""
    dropout: float = 0.2
    """share of numbers dropped in training"""


@library.custom_op("pocket_zoo::kept", mutates_args=())  # one call in a compiled graph, which it would break else
def kept(x: Tensor, drop: int) -> Tensor:
    """Return numbers like x: 0 for `drop` of 256 of them, by chance, and for the others what makes up for it."""
    bits = torch.empty((x.numel() + 7) // 8, dtype=torch.int64, device=x.device).random_(-(2**63), None)
    keep = bits.view(torch.uint8)[: x.numel()].view(x.shape) >= drop
    return keep.to(x.dtype).mul_(256 / (256 - drop))


@kept.register_fake
def _(x: Tensor, drop: int) -> Tensor:
    return torch.empty(x.shape, dtype=x.dtype, device=x.device)


class Dropout(nn.Dropout):
    """Dropout by one random byte a number, drawn eight at a time: torch draws them one by one, a sixth of a training step."""

    def forward(self, x: Tensor) -> Tensor:
        """Drop p of the numbers, to the nearest 256th, and scale the others up."""
        drop = round(256 * self.p)
        return x * kept(x.detach(), drop) if self.training and drop else x


def rotate(x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    """Turn pairs of numbers of x (..., T, D) by angles, given as cosine and sine (T, D / 2)."""
    a, b = x.chunk(2, -1)
    cos, sin = turn
    return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)


def norm(x: Tensor) -> Tensor:
    """Scale vectors to mean 0 and variance 1."""
    return F.layer_norm(x, x.shape[-1:])


class Attention(nn.Module):
    """Causal self-attention within the window."""

    def __init__(self, config: Config):
        super().__init__()
        self.heads = config.heads
        self.qkv = nn.Linear(config.width, 3 * config.width, bias=False)
        self.out = nn.Linear(config.width, config.width, bias=False)
        self.scale = nn.Parameter(torch.full((config.heads, 1, 1), 1.2))

    def project(self, x: Tensor, turn: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Return queries, keys and values of x (B, T, width): (B, heads, T, D) each."""
        q, k, v = self.qkv(x).view(*x.shape[:2], 3, self.heads, -1).permute(2, 0, 3, 1, 4).unbind()
        cos, sin = (t.to(q.dtype) for t in turn)
        q, k = (rotate(norm(t), (cos, sin)) for t in (q, k))
        return q * self.scale.to(q.dtype), k, v

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor], bias: Tensor, ring: Tensor | None = None) -> Tensor:
        """Map x (B, T, width) to the same shape.

        Args:
            turn: cosine and sine of the rotary positions, (T, D / 2) each.
            bias: (T, T), 0 where a character is seen, else minus infinity.
            ring: (2, B, heads, window, D), to be filled with the last keys and values, at their position modulo the window.
        """
        b, t, width = x.shape
        q, k, v = self.project(x, turn)
        if ring is not None:
            last = slice(max(0, t - ring.shape[3]), t)
            place = torch.arange(t)[last] % ring.shape[3]
            ring[0][:, :, place], ring[1][:, :, place] = k[:, :, last], v[:, :, last]
        # Written out: at these sizes torch's fused attention takes twice the time on a CPU.
        q, k, v = (x.reshape(b * self.heads, t, -1) for x in (q, k, v))
        scores = torch.baddbmm(bias.to(q.dtype).expand(len(q), t, t), q, k.mT, alpha=q.shape[-1] ** -0.5)
        y = torch.bmm(scores.softmax(-1), v)
        return self.out(y.view(b, self.heads, t, -1).transpose(1, 2).reshape(b, t, width))


class Layer(nn.Module):
    """Attention, then an MLP, each added to the residual stream."""

    def __init__(self, config: Config):
        super().__init__()
        w = config.width
        self.attention = Attention(config)
        self.enter, self.leave = nn.Linear(w, 4 * w, bias=False), nn.Linear(4 * w, w, bias=False)
        self.dropout = Dropout(config.dropout)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor], bias: Tensor, ring: Tensor | None = None) -> Tensor:
        """Map x (B, T, width) to the same shape; the rest as in `Attention`."""
        x = x + self.dropout(self.attention(norm(x), turn, bias, ring))
        return x + self.dropout(self.leave(F.relu(self.enter(norm(x))).square()))


class CharGPT(Writes, nn.Module):
    """Decoder-only transformer over characters."""

    def __init__(self, config: Config = Config()):
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(len(config.chars), config.width)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.head = nn.Linear(config.width, len(config.chars), bias=False)
        self.dropout = Dropout(config.dropout)
        self.condition: nn.Linear | None = None  # what a model of more than characters adds to each
        for name, p in self.named_parameters():
            if name.endswith(("out.weight", "leave.weight", "head.weight")):
                nn.init.zeros_(p)
            elif p.ndim == 2:
                nn.init.normal_(p, std=config.width**-0.5 if "embedding" not in name else 1.0)

    def logits(self, x: Tensor, rings: Tensor | None = None, given: Tensor | None = None) -> Tensor:
        """Return the next characters' logits at each place: (B, T, chars).

        Args:
            x: (B, T) character numbers.
            rings: (layers, 2, B, heads, window, D), to be filled with the last keys and values, as `zoo.models.char_gpt.writing` needs them.
            given: (options,) or (B, options), what it is written for, where there are conditions.
        """
        t = x.shape[1]
        places = torch.arange(t, device=x.device)
        age = places[:, None] - places
        seen = (age >= 0) & (age < self.config.window)
        turn, bias = self.turn(places), torch.zeros(t, t, device=x.device).masked_fill(~seen, -torch.inf)
        e = self.embedding(x)
        if given is not None and self.condition:
            e = e + self.condition(given).expand(len(x), -1)[:, None]
        h = self.dropout(norm(e))
        for layer, ring in zip(self.layers, [None] * len(self.layers) if rings is None else rings, strict=True):
            h = layer(h, turn, bias, ring)
        return 15 * torch.tanh(self.head(norm(h)).float() / 15)  # bounded, as in Gemma 2 (arXiv 2408.00118)

    def turn(self, places: Tensor) -> tuple[Tensor, Tensor]:
        """Return cosine and sine of the rotary positions' angles at places (T,): (T, D / 2) each."""
        half = self.config.width // self.config.heads // 2
        angles = places[:, None] * 10_000 ** (-torch.arange(half, device=places.device) / half)
        return angles.cos(), angles.sin()

    @torch.inference_mode()
    def attention(self, text: str) -> Tensor:
        """Return the attention among the characters of a text of at most `window`: (layers, heads, T, T), rows sum to 1."""
        x = self.encode(text[: self.config.window])[None]
        turn = self.turn(torch.arange(x.shape[1]))
        bias = torch.full((x.shape[1],) * 2, -torch.inf).triu(1)
        h, found = norm(self.embedding(x)), []
        for layer in self.layers:
            assert isinstance(layer, Layer)
            q, k, _ = layer.attention.project(norm(h), turn)
            found.append((q @ k.mT / q.shape[-1] ** 0.5 + bias).softmax(-1)[0])
            h = layer(h, turn, bias)
        return torch.stack(found)

    @torch.inference_mode()
    def bits(self, text: str) -> Tensor:
        """Return the surprisal of each character of a text, after a line's start and those before it: (T,), in bits."""
        x = self.encode(self.start + text)
        return F.cross_entropy(self.logits(x[None, :-1])[0], x[1:], reduction="none") / math.log(2)

    def forward(self, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Return the cross-entropy of the next characters y (B, T) given x (B, T), nats per character."""
        return {"loss": F.cross_entropy(self.logits(x).flatten(0, 1), y.flatten())}

    def pen(self, x: Tensor, n: int, *, given: Tensor | None = None) -> Writer:
        """Return what writes n texts on after the characters x (T,), for what is given, (options,)."""
        return Writer(self, x, n, given)
