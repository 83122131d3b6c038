"""Take out of codes what lines can tell by them: LEACE (arXiv 2306.03819)."""

import torch
import torch.nn.functional as F
from torch import Tensor


def leace(z: Tensor, means: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """Return `read` and `write` (D, rank) so that z - (z - mean) read write^T has the same mean in each class.

    Args:
        z: (N, D), to take its covariance from.
        means: (K, D), the classes' means.
        rank: at most so many directions, the strongest first; the rest of the columns is 0.
    """
    z, means = (x.double() - x.double().mean(0) for x in (z, means))
    values, vectors = torch.linalg.eigh(z.T @ z / len(z))
    root = values.clamp_min(1e-6 * values.max()).sqrt()
    _, size, directions = torch.linalg.svd(means @ vectors / root, full_matrices=False)  # in units of z's own spread
    directions = directions[: min(rank, int((size > 1e-9).sum()))].T
    read, write = vectors / root @ directions, vectors * root @ directions
    missing = (0, rank - directions.shape[1])
    return F.pad(read, missing).float(), F.pad(write, missing).float()
