"""Spots of a wing pattern, counted: what is small, round, and clearly lighter or darker than what lies around it."""

import numpy as np
from scipy import ndimage
from torch import Tensor

SIZE = 256  # side of the pictures in which the lengths below are pixels
AROUND = 8.0  # deviation of the Gaussian that tells what lies around
LEAST = 0.12  # difference in grey to it, of 1
SMALLEST, LARGEST = 8, 160  # area
LONGEST = 2.0  # length over width
EDGE = 2  # what is nearer to the outline does not count


def spots(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Find a picture's spots.

    Args:
        picture: (3, S, S) in [0, 1].
        mask: (S, S), inside over 0.5.

    Returns:
        (N, 2) centres x, y in pixels.
    """
    grey, inside, scale = picture.mean(0), mask > 0.5, len(mask) / SIZE
    weight = ndimage.gaussian_filter(inside.astype(np.float32), AROUND * scale)
    around = ndimage.gaussian_filter(grey * inside, AROUND * scale) / np.maximum(weight, 1e-6)
    deep = ndimage.binary_erosion(inside, iterations=max(1, round(EDGE * scale)))
    found = []
    for difference in (grey - around, around - grey):
        labels, _ = ndimage.label((difference > LEAST) & deep)
        for number, box in enumerate(ndimage.find_objects(labels), 1):
            points = np.argwhere(labels[box] == number)
            if not SMALLEST * scale**2 <= len(points) <= LARGEST * scale**2:
                continue
            width, length = np.linalg.eigvalsh(np.cov(points.T, bias=True) + np.eye(2) / 12)  # a pixel has 1/12 itself
            if length <= LONGEST**2 * width:
                y, x = points.mean(0) + [side.start for side in box]
                found.append((x, y))
    return np.array(found, np.float32).reshape(-1, 2)


def counts(pictures: Tensor, masks: Tensor) -> np.ndarray:
    """Count the spots of pictures (N, 3, S, S) inside masks (N, 1, S, S): (N,)."""
    pairs = zip(pictures.float().numpy(), masks[:, 0].float().numpy(), strict=True)
    return np.array([len(spots(*pair)) for pair in pairs])
