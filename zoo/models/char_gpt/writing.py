"""Writing with a model, a character at a time: how the next is drawn, and a step of the network in numpy.

A step multiplies each matrix with one vector, or with a few; there numpy takes half of torch's time, and keeps no threads
waiting for each other.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

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


class Writer:
    """Some texts that go on from one prompt, with keys and values of their last `window` characters in rings.

    Nothing is moved or allocated as a text goes on; a step costs the same at any length.

    Args:
        model: a `zoo.models.char_gpt.CharGPT`.
        prompt: (T,) character numbers, read once for all texts.
        n: how many texts.
    """

    @torch.inference_mode()
    def __init__(self, model: Any, prompt: torch.Tensor, n: int):
        config = model.config
        self.config, self.length = config, len(prompt)
        rings = torch.zeros(config.layers, 2, 1, config.heads, config.window, config.width // config.heads)
        self.logits = np.repeat(model.logits(prompt[None], rings)[:, -1].numpy(), n, 0)
        """(n, chars), of what comes next"""
        self.rings = np.repeat(rings.numpy(), n, 2)
        self.weights = {name: p.detach().numpy() for name, p in model.named_parameters()}

    def step(self, x: np.ndarray) -> None:
        """Take in the next characters (n,), and work out what comes after them."""
        config, w, n = self.config, self.weights, len(x)
        here, seen = self.length % config.window, min(self.length + 1, config.window)
        half = config.width // config.heads // 2
        angles = (self.length * 10_000 ** (-np.arange(half) / half)).astype(np.float32)
        cos, sin = np.cos(angles), np.sin(angles)
        h = norm(w["embedding.weight"][x])
        for i, ring in enumerate(self.rings):
            at = f"layers.{i}."
            qkv = (norm(h) @ w[at + "attention.qkv.weight"].T).reshape(n, 3, config.heads, -1)
            qk = norm(qkv[:, :2])
            a, b = qk[..., :half], qk[..., half:]
            qk = np.concatenate([a * cos - b * sin, a * sin + b * cos], -1)
            ring[0, :, :, here], ring[1, :, :, here] = qk[:, 1], qkv[:, 2]
            q = qk[:, 0, :, :, None] * (w[at + "attention.scale"] / np.float32((2 * half) ** 0.5))
            p = softmax((ring[0, :, :, :seen] @ q)[..., 0])
            y = p[:, :, None] @ ring[1, :, :, :seen]
            h = h + y.reshape(n, -1) @ w[at + "attention.out.weight"].T
            u = np.maximum(norm(h) @ w[at + "enter.weight"].T, 0)
            h = h + (u * u) @ w[at + "leave.weight"].T
        self.logits = bound(norm(h) @ w["head.weight"].T)
        self.length += 1


def norm(x: np.ndarray) -> np.ndarray:
    """Scale vectors (..., D) to mean 0 and variance 1, as `zoo.models.char_gpt.model.norm`."""
    x = x - x.mean(-1, keepdims=True)
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + np.float32(1e-5))


def softmax(x: np.ndarray) -> np.ndarray:
    """Return probabilities (..., D) of logits."""
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def bound(x: np.ndarray) -> np.ndarray:
    """Keep logits within 15, as `zoo.models.char_gpt.CharGPT.logits` does."""
    return 15 * np.tanh(x / 15)
