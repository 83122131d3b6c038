"""Build your own network: learning points as a film, placed points, digits that are drawn while the real ones are not at hand."""

import numpy as np
import pytest

from playground import markup, recipe, topics
from playground.catalogue import load
from playground.demo import Refused
from playground.demos import own_network as own
from playground.demos.own_network import digits, plane
from playground.demos.own_network.turns import lately
from tests.playground.test_streamlit import html, open_page
from tests.playground.values import defaults
from zoo.data import points
from zoo.models.scratch import Config, Network

DEMO = topics.demo("own_network")
SQUARE = plane.pack([(40, 40, 0), (215, 215, 0), (40, 215, 1), (215, 40, 1), (128, 128, 2)])
DIVERGING = {"hidden": "256 256 256 256", "activation": "none", "loss": "squared error"}


@pytest.fixture
def values():
    return defaults(DEMO)


@pytest.fixture
def no_digits(monkeypatch, tmp_path):
    """No data set at hand, nor a cache."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("ZOO_DATA", "ZOO_CACHE"):
        monkeypatch.delenv(name, raising=False)


def learned(values, **changes):
    return plane.learned(**own.of_points(values | changes))


def last(values):
    """What the slots hold in the end, and how often something was shown on the way."""
    held, times = {}, 0
    for part in own.stage(values):
        held, times = held | part, times + 1
    return held, times


# Points


@pytest.mark.parametrize("data", list(points.SETS))
def test_a_network_learns_every_set(values, data):
    made = learned(values, data=data, hidden="16 16", lr=-2.0, count=200, noise=0.02)
    assert made.steps[0] == 0 and made.steps[-1] == 1000 and 60 <= len(made.steps) <= 100
    assert made.maps.shape == (len(made.steps), plane.SIDE, plane.SIDE, 1) and made.held.sum() == 50
    assert made.right[-1] > 90 and made.held_right[-1] > 85 and made.losses[-1] < 0.5 * made.losses[0]
    assert not made.diverged and learned(values, data=data, hidden="16 16", lr=-2.0, count=200, noise=0.02) is made


def test_a_line_cannot_tell_the_corners_apart(values):
    assert learned(values, data="xor", hidden="").right[-1] < 75


def test_moments_are_close_at_first_and_ever_further_apart():
    for steps in (0, 5, 100, 3000):
        found = plane.moments(steps)
        gaps = np.diff(found)
        assert found[0] == 0 and found[-1] == steps and (gaps[: plane.EARLY] == 1).all() and (np.diff(gaps) >= -1).all()


@pytest.mark.parametrize("loss", ["cross-entropy", "squared error", "hinge"])
def test_a_map_is_what_the_network_says_there(loss):
    network = Network(Config(inputs=2, hidden="8", classes=3, loss=loss), seed=1)
    p = plane.shares(network, plane.grid())
    assert p.shape == (plane.SIDE**2, 3) and (p >= 0).all() and p.sum(1) == pytest.approx(1, abs=1e-5)
    assert (p.argmax(1) == network.forward(plane.grid())[0].argmax(1)).mean() > (
        0.5 if loss == "squared error" else 0.99
    )
    top, bottom = plane.grid()[0], plane.grid()[-1]
    assert top[0] < 0 < top[1] and bottom[0] > 0 > bottom[1]


def test_placed_points_of_three_classes_are_learned(values):
    made = learned(values, data="yours", points=SQUARE, steps=300, lr=-2.0)
    assert made.maps.shape[3] == 2 and made.right[-1] == 100 and not made.held.any() and np.isnan(made.held_right[-1])
    row, column = (plane.SIDE // 2, plane.SIDE // 2)
    assert made.maps[-1, row, column, 1] > 128  # the middle is of the third
    assert made.x[0] == pytest.approx([(2 * 40 / 255 - 1) * plane.SPAN] * 2, abs=1e-6)


def test_without_points_a_network_is_shown_as_it_begins(values):
    shown, _ = last(values | {"data": "yours"})
    assert shown["film"]["moments"] == 1 and shown["film"]["places"] and not shown["film"]["points"]
    assert own.render(values | {"data": "yours"}).shape == (768, 768, 3)


def test_points_that_explode_end_the_film_and_say_so(values):
    made = learned(values, **DIVERGING, lr=-1.0, steps=100)
    assert plane.Film(**{**vars(made), "losses": [1.0] * (len(made.losses) - 1) + [float("inf")]}).diverged
    burst, *_ = [*plane.learn(**own.of_points(values | DIVERGING | {"lr": 5.0, "steps": 100}))][::-1]
    assert burst.diverged and burst.steps[-1] < 100 and len(burst.maps) == len(burst.steps)
    scene = plane.scene(burst, False)
    assert None in scene["curves"][0][1] and plane.picture(burst, 64).shape == (64, 64, 3)


def test_a_page_of_points_is_one_film(values):
    shown, _ = last(values | {"steps": 100})
    assert shown["film"]["moments"] == len(plane.moments(100)) and not shown["film"]["places"]
    assert {point[3] for point in shown["film"]["points"]} == {True, False} and "2,338 numbers" in shown["said"][0].text
    assert shown["curve"] is shown["learned"] is None


@pytest.mark.parametrize(
    "text", ["AAA", "AAAAA", "AAAD", "!!!!", "AAAé", "AAA=", "AAAA" * 201, " AAAA", "AAAA\n"], ids=lambda text: text[:6]
)
def test_text_that_is_no_points_is_refused(text):
    with pytest.raises(ValueError, match="at most 200 points of up to 3 classes"):
        own.fields()["points"].read(text)


def test_points_go_into_a_link_and_back():
    assert plane.pack(plane.unpack(SQUARE)) == SQUARE == own.fields()["points"].read(SQUARE)
    assert plane.unpack("") == [] and len(plane.unpack("AAAA" * 200)) == 200
    given = {"points": [list(point) for point in plane.unpack(SQUARE)]}
    assert own.placed(given, {}) == {"points": SQUARE} and own.placed({"points": []}, {}) == {"points": ""}


@pytest.mark.parametrize(
    "given",
    [None, [], {}, {"points": 3}, {"points": [[1, 2]]}, {"points": [[1, 2, 3]]}, {"points": [[1.5, 2, 0]]}, {"points": [[True, 2, 0]]},
     {"points": [[256, 2, 0]]}, {"points": [[-1, 2, 0]]}, {"points": [[1, 2, 0]] * 201}, {"points": [], "x": 1}],
)  # fmt: skip
def test_forged_points_are_refused(given):
    with pytest.raises(ValueError, match="point"):
        own.placed(given, {})


@pytest.mark.parametrize(
    "changes", [{}, {"data": "moons", "count": 41, "noise": 0.2, "steps": 130}, {"data": "yours", "points": SQUARE, "loss": "hinge"}]
)  # fmt: skip
def test_the_code_makes_the_same_film(values, changes):
    v = values | {"steps": 150, "hidden": "8"} | changes
    names: dict = {}
    exec(own.code(v), names)
    made = learned(v)
    said = plane.shares(names["network"], plane.grid())[:, 1:].reshape(made.maps.shape[1:])
    assert np.abs(255 * said - made.maps[-1]).max() <= 0.51
    assert names["network"].steps == v["steps"]


def test_code_without_points_says_so(values):
    exec(own.code(values | {"data": "yours"}), {})


def test_the_endpoint_tells_how_it_went(values):
    drawn, told = own.separate(values | {"steps": 100, "data": "yours", "points": SQUARE})
    assert drawn.pixels.shape == (384, 384, 3) and told["steps"][-1] == 100
    assert len({len(line) for line in told.values()}) == 1 and told["held_out_right"][0] is None


# Links


@pytest.mark.parametrize(
    ("link", "data"),
    [({"weights": "0"}, "digits"), ({"hidden": "8"}, "digits"), ({"page": "own_network", "seed": "3"}, "digits"),
     ({"data": "moons", "weights": "0"}, "moons"), ({}, "spiral"), ({"view": "x"}, "spiral")],
)  # fmt: skip
def test_a_link_from_before_the_points_means_digits(link, data):
    values, _ = recipe.restore(link, own.fields(), "0", ignore=("view",))
    assert values["data"] == data


def test_a_link_to_points_says_so_and_one_to_digits_is_as_it_was(values):
    assert recipe.text(values, own.fields()) == {"data": "spiral"}
    assert recipe.text(values | {"data": "digits", "hidden": "7"}, own.fields()) == {"hidden": "7"}


# Digits


def train(hidden, activation="relu", loss="cross-entropy", lr=-2.5, digits_=1000, epochs=1):
    *_, progress = digits.learn(hidden, activation, loss, lr, digits_, epochs, seed=1)
    return progress


def test_a_network_of_ones_own_learns_digits(mnist):
    first, trained = train(""), train("64 32", digits_=10_000, epochs=2)
    assert 60 < first.accuracy < trained.accuracy and trained.accuracy > 90
    assert trained.done == 1 and len(trained.losses) == 2 * (10_000 // digits.BATCH)
    pictures, said = digits.mistakes(trained.network)
    assert len(pictures) == len(said) == 20 and all(text[0] != text[-1] for text in said)


def test_a_network_that_explodes_says_so(mnist):
    assert train(**DIVERGING, lr=-1.0, digits_=2000).diverged
    burst = train(**DIVERGING, lr=5.0)
    assert burst.diverged and burst.done < 1 and not np.isfinite(burst.losses[-1])
    digits.weights(burst.network), digits.mistakes(burst.network)
    assert not train("16").diverged


def test_a_page_of_digits_grows_and_is_kept(mnist, values):
    v = values | {"data": "digits", "digits": 1000, "epochs": 1, "hidden": "8", "seed": 77}
    shown, times = last(v)
    assert times > 10 and shown["film"] == {} and "100 % done" in shown["said"][0].text
    assert len(shown["learned"]) == 4 and len(shown["learned"][1].pixels) == 8
    assert last(v)[1] == 3  # what is there, the end, and what was learned
    assert own.render(v).shape == (224, 10 * 224, 3) and set(own.train(v)) == {"accuracy", "losses", "seconds"}


def test_the_code_reads_the_same_digits(mnist, values):
    v = values | {"data": "digits", "digits": 1000, "epochs": 1, "hidden": "8"}
    names: dict = {}
    exec(own.code(v), names)
    assert names["losses"] == digits.learned(**own.of_digits(v)).losses


def test_without_the_digits_drawn_ones_are_learned_and_it_is_said(no_digits, values):
    v = values | {"data": "digits", "digits": 1000, "epochs": 1, "hidden": "32", "lr": -2.0}
    shown, _ = last(v)
    assert "not at hand" in shown["said"][0].text and "cgan.mnist" in shown["said"][0].text
    assert "drawn test digits" in shown["said"][1].text
    progress = digits.learned(**own.of_digits(v))
    assert progress.accuracy > 50
    answer = own.train(v)
    assert list(answer) == ["accuracy", "losses", "seconds", "data"] and answer["data"] == "drawn by cgan.mnist"
    names: dict = {}
    exec(own.code(v), names)
    assert names["losses"] == progress.losses
    x, y = digits.examples("train", 30)
    wanted = load("cgan.mnist").sample(30, seed=0).flatten(1).numpy()
    assert np.abs(x - wanted).max() < 1 / 255 and y.tolist() == [*range(10)] * 3


def test_the_digits_are_offered_where_they_are_missing(no_digits, values, monkeypatch):
    button = DEMO.buttons["fetch"]
    assert button.when(values | {"data": "digits"}) and not button.when(values)
    monkeypatch.setattr(own.real_digits, "fetch", lambda: "The line is cut.")
    with pytest.raises(Refused, match="The line is cut"):
        button.press(values, "")


def test_what_was_made_lately_is_not_made_again():
    begun = []

    def begin():
        begun.append(1)
        yield from (1, 2, 3)

    for key in "ab":
        assert [*lately(key, begin)] == [1, 2, 3] and [*lately(key, begin)] == [3]
    assert len(begun) == 2


# The page


def test_the_page_learns_at_once_without_data(no_digits):
    app = open_page("own_network")
    assert not app.exception and not app.warning
    _, film = app.get("bidi_component")  # after the one that remembers the session
    assert "Step 1,000" in str(film.proto) and "2,338 numbers" in html(app)
    assert "data=" not in str(app.query_params)


def test_an_old_link_opens_on_digits(mnist):
    app = open_page("own_network", hidden="8", digits="1000", epochs="1")
    assert not app.exception and not app.warning
    assert app.session_state["own_network.data"] == "digits"
    assert "2,000 test digits right" in html(app) and len(app.get("plotly_chart")) >= 1
    assert markup.shown(
        own.found(
            digits.learned(hidden="8", activation="relu", loss="cross-entropy", lr=-2.5, digits=1000, epochs=1, seed=1)
        ),
        (27, 27, 31),
    ) in html(app)
    app.session_state["own_network.data"] = "xor"
    app.run()
    assert not app.exception and "What the first units look for" not in html(app)
