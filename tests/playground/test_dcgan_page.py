"""A forger and a critic: sheets, arcs through the noise, and the game's table."""

import numpy as np
import pytest

from playground.catalogue import load
from playground.demos import dcgan
from playground.recipe import restore
from zoo.pictures import pixels


@pytest.mark.parametrize("name", dcgan.checkpoints())
def test_a_sheet_is_what_the_model_samples(name):
    wanted = pixels(load(name).sample(5, seed=9, temperature=0.7))
    np.testing.assert_allclose(dcgan.sample(name, 5, 9, 0.7).astype(int), wanted.astype(int), atol=1)


@pytest.mark.parametrize("name", dcgan.checkpoints())
def test_a_film_begins_and_ends_with_its_two_pictures(name):
    drawn, film = dcgan.sample(name, 6, 3, 1.0), dcgan.between(name, 6, 3, 1.0, 2, 5)
    assert len(film) == dcgan.FRAMES
    for frame, picture in ((film[0], drawn[1]), (film[-1], drawn[4])):
        np.testing.assert_allclose(frame.astype(int), picture.astype(int), atol=1)
    assert np.abs(film[1].astype(int) - film[0]).mean() < np.abs(film[-1].astype(int) - film[0]).mean()


def test_numbers_past_the_sheet_mean_its_last():
    name = dcgan.checkpoints()[0]
    assert np.array_equal(dcgan.between(name, 3, 1, 1.0, 1, 60), dcgan.between(name, 3, 1, 1.0, 1, 3))


@pytest.mark.parametrize(("wild", "end"), [(0.0, 2), (1.0, 1)])
def test_a_film_to_the_same_point_stands_still(wild, end):
    film = dcgan.between(dcgan.checkpoints()[0], 3, 1, wild, 1, end)
    assert np.abs(film.astype(int) - film[0]).max() <= 1


def test_a_sheet_of_one_has_a_film_too():
    name = dcgan.checkpoints()[0]
    values, problems = restore({"count": "1"}, dcgan.fields(), "")
    assert values["count"] == 1 and not problems
    film = dcgan.between(name, 1, 3, 1.0, 1, 2)
    assert np.abs(film.astype(int) - dcgan.sample(name, 1, 3, 1.0)[0]).max() <= 1


def test_the_game_is_the_cards():
    for name in dcgan.checkpoints():
        found = dcgan.game(name)
        assert len(found) == 2 and all(len(x) == len(y) == 10 for x, y in found.values())
        critic = found[dcgan.CURVES["discriminator_loss"]][1][-1]
        assert f"{critic:.2f}" in dcgan.standing(name)
