"""How samples are judged.

Distances between sets of pictures are taken in the features of our own judge network. They are called
Fréchet distance and kernel distance, never FID or KID, and compare with nothing measured on another network.
"""

import torch
from torch import Tensor


@torch.no_grad()
def predict(judge: torch.nn.Module, x: Tensor, method: str = "classify", batch_size: int = 500) -> Tensor:
    """Apply a method of the judge to pictures (N, 1, 28, 28) in [0, 1], in batches: (N, ...)."""
    return torch.cat([getattr(judge, method)(part) for part in x.split(batch_size)])


def confusion(truth: Tensor, predicted: Tensor, classes: int = 10) -> Tensor:
    """Count pairs: (classes, classes) int64, rows the truth, columns the prediction."""
    return torch.bincount(truth * classes + predicted, minlength=classes**2).view(classes, classes)


def agreement(truth: Tensor, predicted: Tensor) -> float:
    """Return the share of equal labels, in [0, 1]."""
    return float((truth == predicted).double().mean())


def frechet_distance(a: Tensor, b: Tensor) -> float:
    """Return the Fréchet distance between Gaussians fitted to two sets of features (arXiv 1706.08500).

    |mean_a - mean_b|^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2)), squared feature units, in float64.

    Args:
        a: (N, D) features.
        b: (M, D) features.

    Raises:
        ValueError: fewer than two rows on a side.
    """
    if min(len(a), len(b)) < 2:
        raise ValueError("the Fréchet distance needs at least two samples on either side")
    a, b = a.double(), b.double()
    cov_a, cov_b = torch.cov(a.T), torch.cov(b.T)
    # The eigenvalues of C_a C_b are those of a positive matrix; rounding alone makes them stray.
    root_trace = torch.linalg.eigvals(cov_a @ cov_b).real.clamp_min(0).sqrt().sum()
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + cov_a.trace() + cov_b.trace() - 2 * root_trace)


def kernel_distance(a: Tensor, b: Tensor) -> float:
    """Return the unbiased squared maximum mean discrepancy with the kernel (x.y / D + 1)^3 (arXiv 1801.01401).

    Args:
        a: (N, D) features.
        b: (M, D) features.
    """
    a, b = a.double(), b.double()

    def kernel(x: Tensor, y: Tensor) -> Tensor:
        return (x @ y.T / x.shape[1] + 1) ** 3

    def off_diagonal(x: Tensor) -> Tensor:
        k = kernel(x, x)
        return (k.sum() - k.diagonal().sum()) / (len(x) * (len(x) - 1))

    return float(off_diagonal(a) + off_diagonal(b) - 2 * kernel(a, b).mean())


def nearest(a: Tensor, b: Tensor, k: int = 1, *, chunk: int = 1000) -> Tensor:
    """Return each row's Euclidean distance to its k-th nearest row of another set.

    Args:
        a: (N, ...), flattened to rows.
        b: (M, ...), likewise.
        k: 1 is the nearest.

    Returns:
        (N,).
    """
    b, rows = b.flatten(1), []
    for part in a.flatten(1).split(chunk):
        distance = torch.cdist(part, b)
        rows.append(distance.amin(1) if k == 1 else distance.kthvalue(k, dim=1).values)
    return torch.cat(rows)


def precision_recall(real: Tensor, made: Tensor, k: int = 3, *, chunk: int = 1000) -> tuple[float, float]:
    """Return how many made samples lie among the real, and real among the made (arXiv 1904.06991).

    A set's region is the union of balls around its members, each reaching to the member's k-th
    nearest neighbour within the set.

    Args:
        real: (N, D) features.
        made: (M, D) features.

    Returns:
        precision, recall: shares in [0, 1].
    """

    def covered(points: Tensor, centres: Tensor) -> float:
        radii = nearest(centres, centres, k + 1, chunk=chunk)  # + 1: each is its own nearest
        inside = [(torch.cdist(part, centres) <= radii).any(1) for part in points.split(chunk)]
        return float(torch.cat(inside).double().mean())

    return covered(made, real), covered(real, made)


def diversity(features: Tensor, y: Tensor, classes: int = 10) -> Tensor:
    """Return each class's mean distance between two of its samples: (classes,), NaN where it has none.

    Args:
        features: (N, D).
        y: (N,) labels.
    """
    means = []
    for label in range(classes):
        rows = features[y == label]
        pairs = len(rows) * (len(rows) - 1)
        means.append(torch.cdist(rows, rows).double().sum() / pairs if pairs else torch.tensor(torch.nan))
    return torch.stack(means).float()
