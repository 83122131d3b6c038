"""Noise between two noises."""

import torch
from torch import Tensor


def spherical(start: Tensor, end: Tensor, share: Tensor) -> Tensor:
    """Mix two noises along the great circle through them, so that every mix has the variance of noise.

    Args:
        start, end: (1, ...).
        share: (N,) of the end, 0 to 1.

    Returns:
        (N, ...).
    """
    angle = torch.cosine_similarity(start.flatten(), end.flatten(), 0).clamp(-1, 1).arccos()
    if angle < 1e-3:
        return start.expand(len(share), *start.shape[1:])
    share = share.view(-1, *[1] * (start.ndim - 1))
    return (((1 - share) * angle).sin() * start + (share * angle).sin() * end) / angle.sin()
