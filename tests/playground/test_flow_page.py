"""Flow, there and back: what the page says of samples and of drawings."""

import numpy as np
import pytest
import torch

from playground import drawing
from playground.catalogue import card, load
from playground.demos import flow
from playground.demos.draw_and_see import FIRST
from zoo.pictures import pixels

SCRIBBLE = [[10 * i % 256, (37 * i) % 256] for i in range(40)]


def test_the_likeliest_come_first_and_all_are_there():
    drawn, bits = flow.ranked(5, 8, 3, 0.9)
    assert (np.diff(bits) >= 0).all() and bits[0] < bits[-1]
    wanted = pixels(load(flow.NAME).sample(8, seed=3, label=5))
    assert sorted(x.tobytes() for x in drawn) == sorted(x.tobytes() for x in wanted)


def test_wilder_pictures_are_less_likely():
    assert flow.ranked(4, 12, 1, 0.5)[1].mean() < flow.ranked(4, 12, 1, 1.2)[1].mean()


def test_a_drawing_comes_back():
    found = flow.journey(FIRST)
    assert found.error <= 1e-4
    assert np.abs(found.back.astype(int) - found.x).max() <= 1
    assert 0.3 < found.bits < 3 and 0 <= found.rank <= 100 and found.sure <= 1
    assert found.z.std() > 20  # noise over the whole page


def test_what_is_said_of_a_drawing_is_not_rounded_into_more():
    found = flow.Journey(*[np.zeros((28, 28), np.uint8)] * 3, error=1.5 / 256, bits=0.5, rank=99.9, read=8, sure=0.5)
    assert "likelier than 99 %" in flow.said(found) and "reads it as 8, 50 % sure" in flow.said(found)
    assert "off by 1.50000 of a grey level" in flow.returned(found)


def test_without_noise_every_picture_is_the_bells_middle():
    drawn, bits = flow.ranked(6, 5, 2, 0.0)
    middle = pixels(load(flow.NAME).decode(load(flow.NAME).means[[6]]))[0]
    assert np.abs(drawn.astype(int) - middle).max() <= 1 and np.ptp(bits) < 1e-3


def test_a_scribble_ranks_below_a_digit():
    scribble = [[c for point in SCRIBBLE for c in point]]
    assert flow.journey(scribble).bits > flow.journey(FIRST).bits
    assert flow.journey(scribble).rank < flow.journey(FIRST).rank


def test_the_rank_is_a_share_of_the_test_digits():
    levels = card(flow.NAME).numbers["log_prob"]
    assert len(levels) == 101 and levels == sorted(levels)
    mean = float(load(flow.NAME).bits(torch.tensor(levels)).mean())
    assert mean == pytest.approx(card(flow.NAME).metric("bits").value, abs=0.02)


def test_nothing_drawn_is_named():
    with pytest.raises(ValueError, match="Nothing is drawn"):
        flow.journey([])
    assert drawing.digit(FIRST).any()
