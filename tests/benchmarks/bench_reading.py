"""What reading a message costs: every reader's verdict of a task with the words that decided, and the page's whole stage, on one thread."""

import time

import numpy as np

from playground import memory, topics
from playground.catalogue import load
from playground.demos.read_message import reader
from tests.playground.values import defaults
from zoo.reading import verdict, words

MESSAGE = (
    "Congratulations! You have been picked out of 40,000 customers for a prize of 500 pounds. To claim it, call 09060 111 222 before Friday "
    "or text WIN to 80122. The offer ends soon: your reference is K52, calls cost 150p a minute. See the terms on our page, and good luck to "
    "you and yours from us"
)
RUNS = 15
MOST = 150  # ms: what is allowed for all readers of a task


def seconds(call) -> float:
    """Return the median time of a call on the processor, which other programs do not lengthen, after one that warms it up."""
    call()
    took = []
    for _ in range(RUNS):
        since = time.thread_time()
        call()
        took.append(time.thread_time() - since)
    return float(np.median(took))


def main() -> None:
    """Print milliseconds."""
    demo = topics.demo("read_message")
    print(
        f"{len(MESSAGE)} characters, {len(words(MESSAGE))} words and marks, one thread, processor time, median of {RUNS}"
    )
    for task in reader.TASKS:
        each = {name: seconds(lambda name=name: verdict(load(name), MESSAGE)) for name in reader.readers(task)}
        v = defaults(demo, task=task, message=MESSAGE)

        def stage(v=v) -> None:
            memory.results.clear()
            demo.stage(v)

        told = ", ".join(f"{reader.style(name)} {1000 * took:.1f}" for name, took in each.items())
        print(
            f"{task}: {told}; together {1000 * sum(each.values()):.1f} ms of {MOST}; the page's stage {1000 * seconds(stage):.1f} ms"
        )


if __name__ == "__main__":
    main()
