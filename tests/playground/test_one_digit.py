"""One digit, many ways: times, nearest training digits, the scoreboard and the quiz."""

import numpy as np
import pytest
import torch

from playground import markup, real_digits, recipe
from playground.catalogue import card, labelled, load
from playground.demo import Refused
from playground.demos import one_digit
from playground.demos.one_digit import comparison
from playground.demos.one_digit import which_is_real as quiz
from zoo import metrics


def test_an_entry_is_the_models_own_picture_with_the_time_it_was_drawn_in():
    name = labelled()[0]
    one = comparison.entry(name, 7, 5)
    with torch.inference_mode():
        wanted = load(name).sample(comparison.COUNT, seed=5, label=7)
    assert np.abs(one.pictures - 255 * wanted[:, 0].numpy()).max() < 1
    assert one.ms > 0 and 0.1 <= one.sure <= 1
    assert comparison.entry(name, 7, 5) is one


def test_the_nearest_training_digit_is_found(mnist):
    train, test = mnist.load("train")[0], mnist.load("test")[0]
    found, distance = real_digits.nearest(np.concatenate([train[[0, 12_345, 59_999]], test[:5]]))
    assert found[:3].tolist() == [0, 12_345, 59_999] and not distance[:3].any()
    as_floats = torch.tensor(test[:5]).float() / 255
    few = torch.cat(
        [
            metrics.nearest(as_floats, torch.tensor(part).float() / 255)[None]
            for part in train.reshape(6, 10_000, 28, 28)
        ]
    )
    assert distance[3:] == pytest.approx(few.amin(0).numpy(), rel=1e-3)


def test_the_scoreboard_repeats_the_cards_and_marks_the_best():
    board = comparison.scoreboard(3, 1)
    rows = {name: i for i, (name, _) in enumerate(board["model"])}
    best = min(rows, key=lambda name: card(name).metric("frechet").value)
    assert board["Fréchet"][rows[best]] == (f"{card(best).metric('frechet').value:.2f}", True)
    assert {board["bits a pixel"][i] for name, i in rows.items() if not name.startswith("real_nvp")} == {("-", False)}
    assert board["parameters"][rows["cvae.mnist"]][0] == f"{card('cvae.mnist').parameters:,}"
    assert board["ms a picture"][0][0] == f"{comparison.entry(labelled()[0], 3, 1).ms:.1f}"


def test_a_column_without_values_is_of_hyphens():
    assert comparison.column([None, None], "{:.1f}", min) == [("-", False), ("-", False)]
    assert comparison.column([2.0, None, 1.0], "{:.1f}", min) == [("2.0", False), ("-", False), ("1.0", True)]


def test_one_picture_of_a_round_is_real_and_its_place_changes(mnist):
    images, y = mnist.load("test")
    threes = {x.tobytes() for x in images[y == 3]}
    asked = [quiz.question(3, 1, turn) for turn in range(6)]
    for one in asked:
        assert sorted(one.makers) == sorted([quiz.REAL, *labelled()])
        assert [x.tobytes() in threes for x in one.pictures] == [maker == quiz.REAL for maker in one.makers]
    assert len({one.real for one in asked}) > 1


def test_nothing_tells_who_made_a_picture_before_the_answer(mnist):
    asked = quiz.question(3, 1, 0)
    shown = " ".join([*quiz.captions(asked, 0), quiz.verdict(asked, 0, 0, 0)])
    assert quiz.REAL not in shown and not any(name in shown for name in labelled())


def test_an_answer_answers_its_own_question_alone():
    given = quiz.answer(3, 1, 0, 2)
    assert quiz.picked(given, 3, 1, 0) == 2
    assert not any(quiz.picked(given, *other) for other in [(4, 1, 0), (3, 2, 0), (3, 1, 1)])
    assert quiz.picked("3_1_0_9", 3, 1, 0) == 0  # there are no nine pictures
    with pytest.raises(ValueError, match="an answer given here"):
        one_digit.fields()["pick"].read("3_1_0_2<b>")


def test_a_score_counts_rounds_and_is_never_more_than_was_played(mnist):
    asked = quiz.question(3, 1, 0)
    wrong = asked.real % len(asked.makers) + 1
    assert quiz.scored(asked, asked.real, 1, 2) == (2, 3)
    assert quiz.scored(asked, wrong, 1, 2) == (1, 3)
    assert quiz.scored(asked, asked.real, 5, quiz.MOST_ROUNDS) == (5, quiz.MOST_ROUNDS)
    assert quiz.score(2, 3) == (2, "")
    right, said = quiz.score(9, 3)
    assert right == 3 and "9 right of 3" in said


def test_a_link_of_more_right_than_rounds_is_put_right_without_the_digits(no_digits):
    given = {"right": "9", "rounds": "3"}
    values, problems = recipe.restore(given, one_digit.fields(), "", repair=one_digit.DEMO.repair)
    assert values["right"] == values["rounds"] == 3
    assert problems == ["The link says 9 right of 3 rounds: more than were played are not counted."]
    values, problems = recipe.restore({**given, "right": "2"}, one_digit.fields(), "", repair=one_digit.DEMO.repair)
    assert values["right"] == 2 and not problems


def pressed(values, name, option=""):
    return {**values, **one_digit.DEMO.buttons[name].press(values, option)}


def offered(values):
    return [name for name, button in one_digit.DEMO.buttons.items() if button.when(values)]


def test_a_round_is_answered_once_and_then_the_next_one_comes(mnist, defaults):
    assert offered(defaults) == ["answer"]
    real = quiz.question(3, 1, 0).real
    won = pressed(defaults, "answer", str(real))
    assert (won["right"], won["rounds"]) == (1, 1) and offered(won) == ["next"]
    assert pressed(won, "answer", str(real)) == won
    following = pressed(won, "next")
    assert (following["round"], following["right"], following["rounds"]) == (1, 1, 1) and offered(following) == [
        "answer"
    ]


def test_without_the_digits_the_page_says_so_and_offers_them(no_digits, defaults, monkeypatch):
    shown = markup.shown(one_digit.stage(defaults)["quiz"], (0, 0, 0))
    assert "not at hand" in shown and "<img" not in shown and offered(defaults) == ["fetch"]
    monkeypatch.setattr(real_digits, "fetch", lambda: "The line is cut.")
    with pytest.raises(Refused, match="The line is cut"):
        pressed(defaults, "fetch")


@pytest.fixture
def no_digits(monkeypatch):
    monkeypatch.setattr(real_digits, "at_hand", lambda name: False)


@pytest.fixture
def defaults():
    return {name: field.default for name, field in one_digit.fields().items()}
