"""Pictures from tensors."""

import numpy as np
import torch
from torch import Tensor


def pixels(x: Tensor) -> np.ndarray:
    """Turn pictures (N, 1, H, W) or (N, 3, H, W) in [0, 1] into bytes: (N, H, W) or (N, H, W, 3) uint8."""
    whole = (x.clamp(0, 1) * 255).round().to(torch.uint8)
    return (whole[:, 0] if x.shape[1] == 1 else whole.permute(0, 2, 3, 1)).numpy()


def sheet(pictures: np.ndarray, columns: int) -> np.ndarray:
    """Lay pictures (N, H, W) or (N, H, W, 3) uint8 out in rows, the last filled up with black: (rows * H, columns * W, ...) uint8."""
    n, h, w, *colour = pictures.shape
    rows = -(-n // columns)
    padded = np.zeros((rows * columns, h, w, *colour), np.uint8)
    padded[:n] = pictures
    return padded.reshape(rows, columns, h, w, *colour).swapaxes(1, 2).reshape(rows * h, columns * w, *colour)


def grid(x: Tensor, columns: int) -> np.ndarray:
    """Lay pictures (N, 1, H, W) or (N, 3, H, W) in [0, 1] out in rows, as `sheet`."""
    return sheet(pixels(x), columns)
