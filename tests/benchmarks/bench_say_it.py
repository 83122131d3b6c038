"""How long a word takes to be spoken, on this machine, in one run: each model, one word and ten in a batch, and each way to a waveform.

python tests/benchmarks/bench_say_it.py
"""

import statistics
import time
from collections.abc import Callable

import torch

import zoo
from train.core.command import start
from zoo.sound import ended, griffin_lim, guessed, istft

TIMES = 9


def milliseconds(do: Callable[[int], object]) -> float:
    """Return the median time of a call, each with another seed, after one to warm up."""
    times = []
    for seed in range(TIMES + 1):
        begun = time.perf_counter()
        do(seed)
        times.append(1000 * (time.perf_counter() - begun))
    return statistics.median(times[1:])


def main() -> None:
    """Print the table."""
    vocoder = zoo.load("vocoder.speech")
    print(f"{torch.get_num_threads()} threads; milliseconds, median of {TIMES}")
    print(f"{'':24} {'one word':>10} {'ten words':>10}")
    for name in ("audio_flow.digits", "audio_flow.words", "audio_idvae.digits", "audio_idvae.words"):
        model = zoo.load(name)

        def say(n: int, seed: int, model=model) -> list[torch.Tensor]:
            s, frames = model.sample(n, seed=seed)
            return ended(vocoder.decode(s), frames)

        one, ten = (milliseconds(lambda seed, n=n: say(n, seed)) for n in (1, 10))
        print(f"{name:24} {one:10.0f} {ten:10.0f}")
    s, _ = zoo.load("audio_flow.digits").sample(1, seed=0)
    ways = {
        "vocoder": lambda seed: vocoder.decode(s),
        "Griffin-Lim, 60 steps": lambda seed: griffin_lim(s),
        "phases integrated": lambda seed: istft(guessed(s)),
    }
    for name, way in ways.items():
        print(f"{name:24} {milliseconds(way):10.0f}")


if __name__ == "__main__":
    start()
    main()
