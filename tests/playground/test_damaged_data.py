"""Where a data set's file is damaged, pages show what they can without it, and say which file it is."""

import pytest

from playground import markup, real_digits
from playground.demo import Refused
from playground.demos import one_digit, own_network, writing_desk
from playground.demos.own_network import digits
from playground.demos.writing_desk import quiz, voices
from tests.playground.values import defaults
from zoo import data
from zoo.data import emerson, mnist, shakespeare, speeches, wells


@pytest.fixture(
    autouse=True, params=[b"", b"<!DOCTYPE html>", b"PK\3\4 and half of a file"], ids=["empty", "web page", "cut"]
)
def place(request, tmp_path, monkeypatch):
    """The folder of data sets, every file damaged."""
    for name in data.names():
        for file in data.module(name).PROVENANCE.files:
            (tmp_path / file).write_bytes(request.param)
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    for module in (emerson, mnist, shakespeare, speeches, wells):
        module.load.cache_clear()
    return tmp_path


@pytest.mark.parametrize("topic", [one_digit, own_network], ids=lambda topic: topic.__name__)
def test_without_its_digits_a_page_names_the_file(place, topic):
    path = place / "mnist.npz"
    assert str(path) in real_digits.problem() and not digits.real()
    values, button = defaults(topic.DEMO), topic.DEMO.buttons["fetch"]
    assert button.when(values | {"data": "digits"})
    with pytest.raises(Refused, match="mnist.npz is not MNIST, or is damaged"):
        button.press(values, "")
    assert not one_digit.waits(defaults(one_digit.DEMO))


@pytest.mark.parametrize("name", voices.STYLES)
def test_without_its_text_the_quiz_names_the_file(place, name):
    values = defaults(writing_desk.DEMO, part="quiz", model=name)
    said = markup.shown(quiz.parts(values), (0, 0, 0))
    assert str(place) in said and "damaged" in said and quiz.guesses(values) == {}
