"""Writing with char-GPT, a character at a time: a step of the network in numpy.

A step multiplies each matrix with one vector, or with a few; there numpy takes half of torch's time, and keeps no threads
waiting for each other.
"""

from typing import Any

import numpy as np
import torch

from zoo.writing import softmax


class Writer:
    """Some texts that go on from one prompt, with keys and values of their last `window` characters in rings.

    Nothing is moved or allocated as a text goes on; a step costs the same at any length.

    Args:
        model: a `zoo.models.char_gpt.CharGPT`.
        prompt: (T,) character numbers, read once for all texts.
        n: how many texts.
        given: what they are written for, (options,), where there are conditions.
    """

    @torch.inference_mode()
    def __init__(self, model: Any, prompt: torch.Tensor, n: int, given: torch.Tensor | None = None):
        config = model.config
        self.config, self.length = config, len(prompt)
        rings = torch.zeros(config.layers, 2, 1, config.heads, config.window, config.width // config.heads)
        self.logits = np.repeat(model.logits(prompt[None], rings, given)[:, -1].numpy(), n, 0)
        """(n, chars), of what comes next"""
        self.rings = np.repeat(rings.numpy(), n, 2)
        self.weights = {name: p.detach().numpy() for name, p in model.named_parameters()}
        self.added = 0 if given is None or not model.condition else model.condition(given).numpy()

    def step(self, x: np.ndarray) -> None:
        """Take in the next characters (n,), and work out what comes after them."""
        config, w, n = self.config, self.weights, len(x)
        here, seen = self.length % config.window, min(self.length + 1, config.window)
        half = config.width // config.heads // 2
        angles = (self.length * 10_000 ** (-np.arange(half) / half)).astype(np.float32)
        cos, sin = np.cos(angles), np.sin(angles)
        h = norm(w["embedding.weight"][x] + self.added)
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


def bound(x: np.ndarray) -> np.ndarray:
    """Keep logits within 15, as `zoo.models.char_gpt.CharGPT.logits` does."""
    return 15 * np.tanh(x / 15)
