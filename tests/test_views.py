"""Every page, run from Home.py in Streamlit's own test runner."""

import importlib

import pytest
from streamlit.testing.v1 import AppTest

import zoo
from playground import pages
from playground.demos import latent_sliders, writing_desk

VIEWS = [view.stem for view in pages.find()]
PLAYABLE = [stem for stem in VIEWS if stem != "home"]


def open_page(stem: str, **query: str) -> AppTest:
    app = AppTest.from_file("../playground/Home.py", default_timeout=300)
    for key, value in query.items():
        app.query_params[key] = value
    app.switch_page(f"views/{stem}.py")
    return app.run()


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


@pytest.fixture
def no_data(monkeypatch, tmp_path):
    """No data set at hand, wherever the tests run."""
    monkeypatch.delenv("ZOO_DATA", raising=False)
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path))


@pytest.mark.parametrize("stem", VIEWS)
def test_page_has_a_result_before_the_first_click_and_without_data(stem, no_data):
    app = open_page(stem)
    assert not app.exception and not app.error and not app.warning
    assert "data:image/" in html(app)


def test_every_page_is_on_the_home_page():
    body = html(open_page("home"))
    assert all(f"href='./{stem}'" in body for stem in PLAYABLE)
    assert body.count("data:image/png") == len(PLAYABLE)


@pytest.mark.parametrize("stem", PLAYABLE)
def test_page_keeps_the_contract(stem):
    app = open_page(stem)
    labels = {button.label for button in app.button}
    assert {"Reset", "Share"} <= labels
    assert [button.proto.label for button in app.get("download_button")] == ["Download"]


def test_the_layers_follow_links_and_reset(mnist):
    app = open_page("own_network")

    def layers():
        return app.session_state["own_network trained"][0]["hidden"], app.text_input(key="own_network layers").value

    app.text_input(key="own_network layers").set_value("7").run()
    assert layers() == ("7", "7")
    app.text_input(key="own_network layers").set_value("7 9999").run()
    assert "up to 4 numbers" in app.warning[0].value and layers() == ("7", "7 9999")
    next(button for button in app.button if button.label == "Reset").click().run()
    assert layers() == ("64 32", "64 32") and not app.warning
    for text in ("8", "9 9"):
        app.query_params["hidden"] = text
        app.run()
        assert layers() == (text, text)


@pytest.mark.parametrize("stem", PLAYABLE)
def test_share_writes_a_link_that_restores_everything(stem):
    app = open_page(stem)
    state = app.session_state
    changed = {
        "digit_sampler": {"label": "7", "wild": 0.35, "count": 3, "seed": 99, "model": "cvae.mnist", "to": "1"},
        "latent_sliders": {"start": "point", "seed": 5, "sliders.0": 1.5, "sliders.19": -2.0},
        "watch_it_learn": {"moment": 12},
        "models": {"model": zoo.names()[-1]},
        "butterfly_studio": {"source": "random", "seed": 7, "blend": 40, "sliders.0": 1.5},
        "writing_desk": {"beginning": "JULIET:\nO", "seed": 4, "length": 60, "part": "measure", "ink": "surprise"},
        "cartpole": {"mode": "race", "age": 5, "seed": 12, "score": 77},
        "draw_and_see": {"drawing.strokes": [[128, 20, 120, 230]], "shift": -3},
        "dreams": {"label": "8", "seed": 3, "steps": 20, "size": 0.5},
        "one_digit": {"label": "7", "seed": 5, "round": 3, "right": 1, "rounds": 2, "pick": "7_5_3_2"},
        "diffusion": {
            "model": "ddpm.fashion",
            "label": "7",
            "seed": 9,
            "steps": 5,
            "moment": 4,
            "guidance": 2.0,
            "sampler": "ddim",
            "other": 3,
            "drawing.strokes": [[80, 60, 180, 60]],
            "into": "7",
            "ways": 2,
        },
        "flow": {"label": "7", "wild": 0.5, "count": 4, "seed": 9, "drawing.strokes": [[128, 20, 120, 230]]},
        "dcgan": {"model": "dcgan.mnist", "seed": 3, "count": 7, "wild": 0.5, "start": 2, "end": 6},
        "own_network": {"activation": "tanh", "loss": "hinge", "lr": -3.0, "digits": 2000, "epochs": 1, "seed": 4},
    }[stem]
    for name, value in changed.items():
        state[f"{stem}.{name}"] = value
    app.run()
    shown = html(app)
    next(button for button in app.button if button.label == "Share").click().run()
    link = {key: value[0] if isinstance(value, list) else value for key, value in app.query_params.items()}
    assert {len(part) for part in link["weights"].split("-")} == {12}
    again = open_page(stem, **link)
    assert not again.warning
    for name, value in changed.items():
        assert again.session_state[f"{stem}.{name}"] == value
    assert html(again) == shown


@pytest.mark.parametrize(
    ("stem", "query", "named"),
    [
        ("digit_sampler", {"label": "42"}, "label must be one of 0, 1"),
        ("digit_sampler", {"count": "-3"}, "count must be a whole number from 1 to 60"),
        ("digit_sampler", {"seed": "9" * 400}, "seed must be"),
        ("digit_sampler", {"wild": "nan"}, "wild must be a number from 0 to 1.5"),
        ("digit_sampler", {"model": "../../etc"}, "model must be one of all"),
        ("digit_sampler", {"weights": "0123456789ab"}, "other weights"),
        ("digit_sampler", {"<script>": "1"}, "is not a setting of this page"),
        ("latent_sliders", {"drawing": "!!!", "start": "drawing"}, "drawing must be a drawing made here"),
        ("latent_sliders", {"sliders": "1_2_x"}, "sliders must be at most 20 numbers"),
        ("latent_sliders", {"digit": "2500"}, "digit must be a whole number from 0 to 2499"),
        ("watch_it_learn", {"moment": "1e9"}, "moment must be a whole number"),
        ("models", {"model": "judge.mnist%00"}, "model must be one of"),
        ("cartpole", {"mode": "fly"}, "mode must be one of watch, push"),
        ("cartpole", {"age": "99"}, "age must be a whole number from 0 to"),
        ("cartpole", {"score": "501"}, "score must be a whole number from 0 to 500"),
        ("writing_desk", {"beginning": "x" * 2001}, "at most 2,000 characters"),
        ("writing_desk", {"length": "1e9"}, "length must be a whole number from 50 to 2000"),
        ("writing_desk", {"part": "steal"}, "part must be one of ways, both"),
        ("draw_and_see", {"drawing": "!!!"}, "drawing must be a drawing made here"),
        ("dreams", {"size": "inf"}, "size must be a number from 0.05 to 1"),
        ("one_digit", {"pick": "<b>"}, "pick must be an answer given here"),
        ("one_digit", {"right": "2000"}, "right must be a whole number from 0 to 999"),
        ("one_digit", {"right": "9", "rounds": "3"}, "The link says 9 right of 3 rounds"),
        ("diffusion", {"moment": "51"}, "moment must be a whole number from 0 to 50"),
        ("diffusion", {"model": "ddpm.cats", "guidance": "-1"}, "model must be one of ddpm.mnist, ddpm.fashion"),
        ("flow", {"wild": "2"}, "wild must be a number from 0 to 1.3"),
        ("flow", {"drawing": "!!!"}, "drawing must be a drawing made here"),
        ("dcgan", {"model": "dcgan.imagenet"}, "model must be one of dcgan.cifar10, dcgan.mnist"),
        ("dcgan", {"end": "0"}, "end must be a whole number from 1 to 60"),
        ("own_network", {"hidden": "64 9999"}, "hidden must be up to 4 numbers of units"),
        ("own_network", {"activation": "exec"}, "activation must be one of"),
        ("butterfly_studio", {"texture": "Unicorn||"}, "texture must be one of the"),
        ("butterfly_studio", {"drawing": "AAAA"}, "drawing must be a drawing made here"),
        ("butterfly_studio", {"mirror": "maybe", "blend": "101"}, "blend must be a whole number from 0 to 100"),
    ],
)
def test_a_bad_link_is_named_and_replaced(stem, query, named):
    app = open_page(stem, **query)
    assert not app.exception
    assert any(named in warning.value for warning in app.warning), [warning.value for warning in app.warning]
    assert "data:image/" in html(app)


def test_latent_page_decodes_a_drawing():
    app = open_page("latent_sliders")
    before = html(app)
    app.session_state["latent_sliders.drawing.strokes"] = [[128, 20, 120, 230]]
    app.session_state["latent_sliders.start"] = "drawing"
    app.run()
    assert not app.exception and "your drawing as the models see it" in html(app) and html(app) != before


def test_the_writing_goes_on_with_another_character():
    app = open_page("writing_desk")
    before = app.session_state["writing_desk paper"]
    text = before["beginning"] + before["text"]
    others = next(group for group in app.button_group if group.label == "Go on with another")
    chosen = writing_desk.expected(writing_desk.models()[0], text, writing_desk.sampling(
        {name: field.default for name, field in writing_desk.fields().items()}
    ))[1][0]  # fmt: skip
    others.select(chosen).run()
    assert not app.exception
    assert app.session_state["writing_desk.beginning"] == text + chosen


def test_a_drawing_is_dressed():
    app = open_page("butterfly_studio")
    before = html(app)
    app.session_state["butterfly_studio.drawing.strokes"] = [[128, 90, 200, 20, 240, 60, 190, 130, 128, 130]]
    app.run()
    assert not app.exception and html(app) != before
    app.session_state["butterfly_studio.drawing.strokes"] = []
    app.run()
    assert not app.exception and "your butterfly" in html(app)


def test_unknown_characters_are_replaced_and_named():
    app = open_page("writing_desk", beginning="Caf\u00e9 7", length="50")
    assert not app.exception and any("does not know" in caption.value for caption in app.caption)


def test_the_writing_desk_stops_goes_on_and_is_taken_over():
    app = open_page("writing_desk", length="50", beginning="ROMEO:")
    paper = app.session_state["writing_desk paper"]
    written = paper["text"]
    assert len(written) == 50 and not paper["writing"]

    def press(label):
        next(button for button in app.button if button.label == label).click().run()
        assert not app.exception

    press("Take over")
    assert app.session_state["writing_desk.beginning"] == "ROMEO:" + written and paper["text"] == ""
    press("Go on")
    assert app.session_state["writing_desk.beginning"] == "ROMEO:" + written and len(paper["text"]) == 50
    press("Take this")
    assert len(app.session_state["writing_desk.beginning"]) == 6 + 50 + 50 + 160


def test_the_quiz_keeps_score(monkeypatch):
    monkeypatch.setattr(writing_desk, "quiz", lambda name, seed, how: (["Real.", "Written."], 0))
    app = open_page("writing_desk", length="50", part="quiz")
    [button for button in app.button if button.label == "This one is real"][1].click().run()
    assert any("Wrong" in text.value and "0 of 1" in text.value for text in app.markdown)
    next(button for button in app.button if button.label == "Another pair").click().run()
    [button for button in app.button if button.label == "This one is real"][0].click().run()
    assert any("Right" in text.value and "1 of 2" in text.value for text in app.markdown)


def test_reset_brings_the_defaults_back():
    app = open_page("digit_sampler", label="7", count="3")
    next(button for button in app.button if button.label == "Reset").click().run()
    assert app.session_state["digit_sampler.label"] == "3" and app.session_state["digit_sampler.count"] == 10


def test_the_shown_code_gives_the_shown_picture():
    app = open_page("latent_sliders", start="point", seed="4", sliders="1.5_0_-2")
    lines = next(code.value for code in app.code if "zoo.load" in code.value)
    scope: dict = {}
    exec(lines, scope)
    z = latent_sliders.move(
        "vae.mnist-cnn", latent_sliders.start("vae.mnist-cnn", "point", seed=4), (1.5, 0, -2) + (0,) * 17
    )
    shown = latent_sliders.decode("vae.mnist-cnn", z)
    assert abs(scope["x"][0, 0].numpy() * 255 - shown).max() <= 1


def test_values_stay_when_the_page_is_left():
    app = open_page("digit_sampler")
    app.session_state["digit_sampler.count"] = 4
    app.run()
    app.switch_page("views/models.py").run()
    app.switch_page("views/digit_sampler.py").run()
    assert app.session_state["digit_sampler.count"] == 4


def test_without_checkpoints_the_page_says_what_to_do(monkeypatch, tmp_path):
    from playground import demos
    from zoo import hub

    monkeypatch.setattr(hub, "places", lambda: {"cache": tmp_path})
    for cached in (demos.load, demos.card, demos.conditional):
        cached.cache_clear()
    app = open_page("home")
    for cached in (demos.load, demos.card, demos.conditional):
        cached.cache_clear()
    assert not app.exception
    assert any("No checkpoint" in error.value for error in app.error)


@pytest.mark.parametrize(
    "demo", ["butterfly_studio", "digit_sampler", "latent_sliders", "watch_it_learn", "writing_desk"]
)
def test_explanations_stay_short(demo):
    how = importlib.import_module(f"playground.demos.{demo}").HOW
    assert 40 < len(how.split()) <= 120


def test_digits_are_finished_on_arrival():
    assert html(open_page("diffusion")).count("your part finished, read as") == 4


@pytest.mark.parametrize(
    ("stem", "query", "said"),
    [
        ("one_digit", {}, "The digits (MNIST) are not at hand"),
        ("writing_desk", {"part": "quiz", "length": "50"}, "python -m zoo data get shakespeare"),
    ],
)
def test_what_waits_for_data_says_so(stem, query, said, no_data):
    app = open_page(stem, **query)
    assert not app.exception and any(said in info.value for info in app.info)


def test_fewer_steps_than_the_moment_show_the_last():
    app = open_page("diffusion", steps="2", moment="1")
    app.query_params.clear()
    app.query_params["steps"] = "2"  # the moment goes back to where it began, which is past the last step
    app.session_state["diffusion.moment"] = 3
    app.run()
    assert not app.exception and app.session_state["diffusion.moment"] == 2
