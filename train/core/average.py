"""The moving average of the weights, which is what ships."""

import copy
from typing import Any

import torch
from torch import Tensor, nn


class Average:
    """The moving average of a model's weights and buffers; decay 0 follows them exactly.

    The decay rises to its value as (1 + n) / (10 + n) over the first updates n, so that the average
    does not drag the untrained weights along. It is torch's AveragedModel without its bookkeeping, which
    took a tenth of a small model's step.
    """

    def __init__(self, model: nn.Module, decay: float):
        self.module, self.decay, self.updates = copy.deepcopy(model).requires_grad_(False), decay, 0
        averaged, current = self._tensors(self.module), self._tensors(model)
        self._floats = [pair for pair in zip(averaged, current, strict=True) if pair[0].is_floating_point()]
        self._counts = [pair for pair in zip(averaged, current, strict=True) if not pair[0].is_floating_point()]

    @staticmethod
    def _tensors(model: nn.Module) -> list[Tensor]:
        return [tensor.detach() for tensor in [*model.parameters(), *model.buffers()]]

    def update(self) -> None:
        """Take the model's weights as they are now into the average; the first time, copy them."""
        share = 1 - min(self.decay, (1 + self.updates) / (10 + self.updates)) if self.updates else 1.0
        averaged, current = zip(*self._floats, strict=True)
        if share == 1:
            torch._foreach_copy_(averaged, current)
        else:
            torch._foreach_lerp_(averaged, current, share)
        for count, now in self._counts:
            count.copy_(now)
        self.updates += 1

    def shipped(self) -> nn.Module:
        """Return the averaged model in eval mode on the CPU; a copy where it was trained elsewhere."""
        on_cpu = self._floats[0][0].device.type == "cpu"
        return (self.module if on_cpu else copy.deepcopy(self.module).cpu()).eval()

    def state_dict(self) -> dict[str, Any]:
        """Return the average and the number of updates."""
        return {"module": self.module.state_dict(), "updates": self.updates}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.module.load_state_dict(state["module"])
        self.updates = state["updates"]
