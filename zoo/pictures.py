"""Pictures from tensors."""

import numpy as np
import torch
from torch import Tensor


def pixels(x: Tensor) -> np.ndarray:
    """Turn pictures (N, 1, H, W) in [0, 1] into bytes: (N, H, W) uint8."""
    return (x[:, 0].clamp(0, 1) * 255).round().to(torch.uint8).numpy()


def sheet(pictures: np.ndarray, columns: int) -> np.ndarray:
    """Lay pictures (N, H, W) uint8 out in rows, the last filled up with black: (rows * H, columns * W) uint8."""
    n, h, w = pictures.shape
    rows = -(-n // columns)
    padded = np.zeros((rows * columns, h, w), np.uint8)
    padded[:n] = pictures
    return padded.reshape(rows, columns, h, w).transpose(0, 2, 1, 3).reshape(rows * h, columns * w)


def grid(x: Tensor, columns: int) -> np.ndarray:
    """Lay pictures (N, 1, H, W) in [0, 1] out in rows: (rows * H, columns * W) uint8."""
    return sheet(pixels(x), columns)
