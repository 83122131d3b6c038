"""char-GPT: a transformer that writes text character by character (arXiv 1706.03762, its decoder; Radford et al. 2018).

Each layer mixes what earlier characters hold (attention) and transforms it (an MLP), both added to the residual stream
that runs from bottom to top; its last vector gives the distribution of the next character:

    loss = -mean over t of log p(x[t + 1] | x[0], ..., x[t])   nats per character

Departures, each where it paid: rotary positions (arXiv 2104.09864), normalisation before each part and without weights,
of queries and keys too (arXiv 2010.04245), squared ReLU (arXiv 2109.08668), no biases, output projections that start at
zero. In each layer a character attends
to at most `window` characters, itself included; through all layers to more.
"""

from zoo.models.char_gpt.model import CharGPT, Config

__all__ = ["MAKES", "PAPER", "PICTURES", "TAKES", "TASK", "USE", "CharGPT", "Config", "Model"]

PAPER = "arXiv:1706.03762"
TASK, TAKES, MAKES = "generate", ("prompt",), "text"
USE = """print(model.write("ROMEO:", 200, seed=3))  # 200 characters more"""
PICTURES: dict[str, str] = {}
Model = CharGPT
