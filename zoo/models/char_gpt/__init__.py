"""char-GPT: a transformer that writes text character by character (arXiv 1706.03762, its decoder; Radford et al. 2018).

Each layer mixes what earlier characters say (attention) and thinks it over (a small network), both added to a stream
that runs from bottom to top; the last vector names a distribution over the next character:

    loss = -mean over t of log p(x[t + 1] | x[0], ..., x[t])   nats per character

Departures, each where it paid: rotary positions (arXiv 2104.09864), normalisation before each part and without weights,
of queries and keys too (arXiv 2010.04245), squared ReLU (arXiv 2109.08668), no biases, output projections that start at
zero. In each layer a character sees
at most `window` characters, itself included; through all of them more.
"""

from zoo.models.char_gpt.model import CharGPT, Config, UnknownCharacters, nearest

__all__ = ["CharGPT", "Config", "UnknownCharacters", "nearest", "PAPER", "TASK", "USE", "Model"]

PAPER = "arXiv:1706.03762"
TASK = "text-generation"
USE = """print(model.write("ROMEO:", 200, seed=3))  # 200 characters more"""
Model = CharGPT
