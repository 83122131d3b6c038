"""What the server keeps for all visitors: never more bytes than there is room for, made once, the least used gone first."""

import subprocess
import sys
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

from playground import memory
from playground.memory import Kept, remembered, size

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass
class Pair:
    left: np.ndarray
    right: list


@pytest.mark.parametrize(
    "value, least",
    [
        (np.zeros(1000), 8000),
        (np.zeros((1000, 1000))[:1], 8_000_000),  # a view keeps the whole
        (torch.zeros(1000), 4000),
        (torch.zeros(1000, 1000)[0], 4_000_000),
        (nn.Linear(1000, 100), 400_400),
        (Pair(np.zeros(100), [torch.zeros(100)]), 1200),
        ({"a": [b"x" * 1000, "y" * 1000]}, 2000),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_size_counts_what_is_held(value, least):
    assert least <= size(value) < least + 1500


def test_shared_weights_count_once():
    layer = nn.Linear(100, 100)
    twin = nn.Linear(100, 100)
    twin.weight = layer.weight
    assert size(nn.Sequential(layer, twin)) == 4 * (100 * 100 + 2 * 100)


def test_it_never_holds_more_than_there_is_room_for_and_the_least_used_goes():
    cache, made = Kept(10_000), Counter()

    def draw(number):
        made[number] += 1
        return bytes(3000)

    draw = remembered(draw, cache)
    for number in (0, 1, 2, 0, 3):  # 1 was used longest ago
        draw(number)
        assert cache.currsize == len(cache) * size(bytes(3000)) <= 10_000
    for number in (0, 2, 3):
        draw(number)
    assert made == {0: 1, 1: 1, 2: 1, 3: 1}
    draw(1)
    assert made[1] == 2


def test_what_is_larger_than_all_room_is_given_and_not_kept():
    cache = Kept(1000)
    assert remembered(lambda n: bytes(n), cache)(5000) == bytes(5000)
    cache.keep("a", bytes(5000))
    assert not len(cache) and cache.find("a") is None


def test_functions_of_one_name_in_other_places_do_not_mix():
    cache = Kept(10_000)

    def other():
        def draw(x):
            return -x

        return draw

    def draw(x):
        return x

    assert (remembered(draw, cache)(3), remembered(other(), cache)(3)) == (3, -3)


def test_who_comes_at_the_same_moment_waits_for_the_first():
    cache, made, results = Kept(10_000), [], []
    all_there = threading.Barrier(8)
    goes_on = threading.Event()

    def draw(number):
        made.append(number)
        goes_on.wait(60)
        return bytes(10)

    draw = remembered(draw, cache)

    def visit():
        all_there.wait(60)
        results.append(draw(1))

    threads = [threading.Thread(target=visit) for _ in range(7)]
    for thread in threads:
        thread.start()
    all_there.wait(60)
    goes_on.set()
    for thread in threads:
        thread.join(60)
    assert made == [1] and len(results) == 7 and all(result is results[0] for result in results)


def test_who_waits_tries_again_where_the_first_failed():
    cache, tries = Kept(10_000), []

    def draw():
        tries.append(1)
        if len(tries) == 1:
            raise ValueError("not now")
        return 7

    draw = remembered(draw, cache)
    with pytest.raises(ValueError):
        draw()
    assert draw() == 7


def test_home_loads_no_model(monkeypatch):
    monkeypatch.setattr("zoo.checkpoint.read", lambda folder: pytest.fail(f"Home loads {folder.name}"))
    for cache in (memory.models, memory.results):
        with cache.change:
            cache.clear()
    app = AppTest.from_file(str(ROOT / "playground" / "Home.py"), default_timeout=300).run()
    assert not app.exception and not len(memory.models)


def test_loading_a_model_does_not_bring_the_compiler():
    # 190 MB in each server.
    code = (
        "import sys, zoo\nfor name in zoo.names(): zoo.load(name)\nprint(*{'torch._dynamo', 'sympy'} & {*sys.modules})"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    assert not said.strip()
