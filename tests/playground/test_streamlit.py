"""Every page, run from Home.py in Streamlit's own test runner."""

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from playground import markup, topics
from playground.demo import Chart, Rows
from playground.hosts.streamlit_host.look import INK
from tests.playground.test_demos import stage
from tests.playground.values import bad, bare, defaults, others, visible

TOPICS = topics.names()
WIDGETS = (
    "slider", "select_slider", "selectbox", "multiselect", "text_input", "text_area", "number_input", "toggle", "checkbox",
    "radio", "button_group", "file_uploader", "audio_input",
)  # fmt: skip


def go(app: AppTest, topic: str) -> AppTest:
    """Open a page, as a click in the navigation does: pages are functions, which `switch_page` does not know."""
    app._page_hash = calc_hash(topic)
    return app.run()


def open_page(topic: str, **query: str) -> AppTest:
    app = AppTest.from_file("../../playground/Home.py", default_timeout=300)
    for key, value in query.items():
        app.query_params[key] = value
    return go(app, topic)


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def shared(app: AppTest) -> dict[str, str]:
    """Press Share, and return what the link carries."""
    press(app, "Share")
    return {key: value[0] if isinstance(value, list) else value for key, value in app.query_params.items()}


def labels(app: AppTest) -> list[str]:
    """Return the labels of all widgets, and the hints of all pads."""
    found = []
    for kind in WIDGETS:
        found += [getattr(widget, "label", None) or widget.proto.label for widget in app.get(kind)]
    return found + [element.proto.json for element in app.get("bidi_component")]


@pytest.fixture
def no_data(monkeypatch, tmp_path):
    """No data set at hand, wherever the tests run."""
    monkeypatch.delenv("ZOO_DATA", raising=False)
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path))


def test_digits_are_finished_on_arrival():
    assert html(open_page("diffusion")).count("your part finished, read as") == 4


@pytest.mark.parametrize(
    ("topic", "query", "said"),
    [
        ("one_digit", {}, "The digits (MNIST) are not at hand"),
        ("writing_desk", {"part": "quiz", "length": "50"}, "python -m zoo data get shakespeare"),
    ],
)
def test_what_waits_for_data_says_so(topic, query, said, no_data):
    app = open_page(topic, **query)
    assert not app.exception and said in html(app)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_page_has_a_result_before_the_first_click_and_without_data(topic, no_data):
    app = open_page(topic)
    assert not app.exception and not app.error and not app.warning
    demo, shown = topics.demo(topic), html(app)
    kinds = {slot.name: slot for slot in demo.slots()}
    filled = stage(demo, defaults(demo))
    for name, part in filled.items():
        if name not in kinds:
            continue
        part = part() if callable(part) else part
        if kinds[name].charts:
            found = [part] if isinstance(part, Chart) else part or []
            assert len(app.get("plotly_chart")) >= len(found)
        elif isinstance(part, Rows):
            assert app.dataframe
        elif not kinds[name].component and part and "ms a picture" not in (said := markup.shown(part, INK["light"])):
            assert said in shown, f"{name} is not on the page"
    assert {"Reset", "Share"} <= {button.label for button in app.button}
    assert [button.proto.label for button in app.get("download_button")] == [
        "Download", *(export.label for export in demo.exports)
    ]  # fmt: skip


def test_every_page_is_on_the_home_page():
    app = go(AppTest.from_file("../../playground/Home.py", default_timeout=300), "home")
    body = html(app)
    assert not app.exception and all(f"href='./{topic}'" in body for topic in TOPICS)
    app.text_input(key="home search").set_value("gan").run()
    found = html(app)
    assert "href='./dcgan'" in found and "href='./cartpole'" not in found
    app.text_input(key="home search").set_value("unicorn").run()
    assert "unicorn" in app.info[0].value and "class='zoo-tile" not in html(app)


@pytest.mark.parametrize("topic", TOPICS)
def test_every_field_has_a_widget(topic):
    demo = topics.demo(topic)
    fields = {name: field for name, field in demo.fields().items() if field.has_widget}
    waiting = dict(fields)
    while waiting:
        values = visible(demo, next(iter(waiting)))
        query = {
            name: field.write(values[name])
            for name, field in demo.fields().items()
            if values[name] != field.default and field.linked
        }
        app = open_page(topic, **query)
        for name, field in demo.fields().items():
            if values[name] != field.default and not field.linked:
                app.session_state[f"{topic}.{name}"] = values[name] == "yes"
                app.run()
        assert not app.exception
        there = labels(app)
        shown = [name for name, field in waiting.items() if field.when(values)]
        for name in shown:
            label = waiting.pop(name).label
            assert any(label in said for said in there), f"{label!r} is not on the page: {there}"


@pytest.mark.parametrize("topic", TOPICS)
def test_share_writes_a_link_that_restores_everything(topic):
    demo = topics.demo(topic)
    app = open_page(topic)
    changed = {
        name: next(others(field), field.default)
        for name, field in demo.fields().items()
        if field.linked and field.has_widget
    }
    for name in changed:  # what goes with the others
        allowed = demo.fields()[name].allowed(changed)
        changed[name] = changed[name] if not allowed or changed[name] in allowed else allowed[-1]
    query = {name: demo.fields()[name].write(value) for name, value in changed.items()}
    app = open_page(topic, **query)
    link = shared(app)
    assert not app.exception and not app.warning
    assert {len(part) for part in link["weights"].split("-")} == {12}
    said = {name: text for name, text in query.items() if text != demo.fields()[name].write(demo.fields()[name].unsaid)}
    assert {name: link.get(name) for name in said} == said
    again = open_page(
        topic, **link | {"weights": link["weights"] + ").", "fbclid": "x"}
    )  # as a chat program may change it
    assert not again.warning and not again.exception
    assert shared(again) == link


@pytest.mark.parametrize("topic", TOPICS)
def test_a_bad_link_is_named_and_replaced(topic):
    fields = {name: field for name, field in topics.demo(topic).fields().items() if field.linked}
    query = {name: bad(field)[0][0] for name, field in fields.items()}
    app = open_page(topic, **query, weights="0123456789ab", **{"<script>": "1"})
    assert not app.exception
    said = [warning.value for warning in app.warning]
    for name, field in fields.items():
        assert any(text.startswith(f"{name} must be") for text in said), f"{name}: {said}"
        assert bad(field)[0][1] == "must be" or any(bad(field)[0][1] in text for text in said)
    assert any("other weights" in text for text in said) and any(
        "is not a setting of this page" in text for text in said
    )
    assert app.get("html") and set(shared(app)) == bare(topics.demo(topic))


@pytest.mark.parametrize("topic", TOPICS)
def test_reset_brings_the_defaults_back(topic):
    demo = topics.demo(topic)
    query = {
        name: field.write(value)
        for name, field in demo.fields().items()
        if field.linked and (value := next(others(field), None)) is not None
    }
    app = press(open_page(topic, **query), "Reset")
    assert not app.exception and not app.warning
    assert set(shared(app)) == bare(demo)


def test_values_stay_when_the_page_is_left():
    app = open_page("digit_sampler")
    app.session_state["digit_sampler.count"] = 4
    app.run()
    go(app, "models")
    go(app, "digit_sampler")
    assert app.session_state["digit_sampler.count"] == 4


def test_fewer_steps_than_the_moment_show_the_last():
    app = open_page("diffusion", steps="2", moment="1")
    app.query_params.clear()
    app.query_params["steps"] = "2"  # the moment goes back to where it began, which is past the last step
    app.session_state["diffusion.moment"] = 3
    app.run()
    assert not app.exception and app.session_state["diffusion.moment"] == 2


def test_a_drawing_is_decoded_and_one_is_dressed():
    for topic, query, said in (
        ("latent_sliders", {"start": "drawing"}, "your drawing as the models see it"), ("butterfly_studio", {}, "your butterfly")
    ):  # fmt: skip
        app = open_page(topic, **query)
        before = html(app)
        app.session_state[f"{topic}.drawing.strokes"] = [[128, 90, 200, 20, 240, 60, 190, 130, 128, 130]]
        app.run()
        assert not app.exception and said in html(app) and html(app) != before
        app.session_state[f"{topic}.drawing.strokes"] = []
        app.run()
        assert not app.exception


def test_a_file_that_was_deleted_is_none():
    """As Streamlit says of it to a run that outlives its session."""

    def script():
        import streamlit as st
        from streamlit.runtime.uploaded_file_manager import DeletedFile

        from playground import topics
        from playground.hosts.streamlit_host.controls import Controls

        st.session_state["butterfly_studio.photo"] = DeletedFile("1")
        st.text(repr(Controls("butterfly_studio", topics.demo("butterfly_studio")).values()["photo"]))

    app = AppTest.from_function(script, default_timeout=60).run()
    assert not app.exception and app.text[0].value == "None"
