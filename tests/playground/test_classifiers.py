"""The pages about classifiers: what they dream of, and what they look at."""

import numpy as np
import pytest
import torch

from playground.catalogue import load
from playground.demos import draw_and_see, dreams


@pytest.fixture(scope="module")
def ends():
    """The last picture and certainty of each way, by digit."""
    found = {way: [dreams.dream(way, label, 1, 0.3) for label in range(10)] for way in ("ascent", "robust")}
    return {way: ([p[-1] for p, _ in many], [float(s[-1]) for _, s in many]) for way, many in found.items()}


def test_every_way_ends_in_certainty(ends):
    assert min(ends["ascent"][1]) > 0.99 and min(ends["robust"][1]) > 0.9
    for label in (0, 1):  # the hardest to guess
        pictures, sure = dreams.dream("guess", label, 1, 0.3)
        assert sure[0] < 0.1 and sure[-1] > 0.9 and len(pictures) == dreams.GUESSES + 1
        assert (np.diff(sure) >= 0).all()  # only what raises the score is kept
    assert dreams.dream("calm", 3, 1, 0.3)[1][-1] > 0.9


def test_only_the_robust_dream_looks_like_a_digit_to_others(ends):
    """Another network, which neither was made for, reads the robust classifier's dreams and not the plain one's."""
    other = load("ladder.mnist-cnn")
    right = {}
    for way, (pictures, _) in ends.items():
        x = torch.tensor(np.stack(pictures))[:, None].float() / 255
        right[way] = int((other.logits(x).argmax(1) == torch.arange(10)).sum())
    assert right["robust"] >= 7 and right["robust"] >= right["ascent"] + 3, right


@pytest.mark.parametrize("name", draw_and_see.models())
def test_a_clear_seven_is_read_and_what_counts_is_on_the_paper(name):
    x = draw_and_see.seen(draw_and_see.FIRST)
    p = draw_and_see.judged(name, x)
    assert p.argmax() == 7 and abs(p.sum() - 1) < 1e-4
    weight = draw_and_see.looked_at(name, x)
    assert weight.shape == (28, 28) and weight.min() >= 0 and weight.max() == 1
    marked, plain = (draw_and_see.shaded(x, w).astype(int) for w in (weight, np.zeros_like(weight)))
    difference = np.abs(marked - plain).max(2)
    assert difference[weight > 0.9].min() > 60 and (difference[weight < 0.01] < 5).all()  # on paper and on ink


def test_a_shift_confuses_the_templates_and_not_the_windows(mnist):
    straight, shifted = (draw_and_see.seen(draw_and_see.FIRST, shift) for shift in (0, 3))
    assert torch.equal(shifted[..., 3:], straight[..., :-3]) and not shifted[..., :3].any()
    images, y = (torch.tensor(a[:500]) for a in mnist.load("test"))
    moved = images[:, None].float().roll(2, 3) / 255
    linear, cnn = (
        float((load(f"ladder.mnist-{rung}").logits(moved).argmax(1) == y).float().mean()) for rung in ("linear", "cnn")
    )
    assert cnn > 0.97 and linear < 0.8
