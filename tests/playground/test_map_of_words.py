"""A map of words: what is typed is understood or told what to do, the code gives what is shown, and the static page computes the same."""

import re

import numpy as np
import pytest

from playground import markup
from playground.demo import Refused
from playground.demos.map_of_words import DEMO, drawn, parts, spaces
from tests.playground.values import defaults
from zoo import data

INK = (0, 0, 0)
MISTAKES = [
    ("", "Type words with + and - between them"),
    ("  ", "Type words with + and - between them"),
    ("king queen", "Put + or - between the words of “king queen”."),
    ("king -", "A word is missing after “-”."),
    ("+ + king", "A word is missing after “+”."),
    ("a + " * 8 + "a", "Type at most 8 words."),
]


def said(slot: str, **values) -> str:
    """What a slot shows, without its markup."""
    shown = DEMO.stage(defaults(DEMO, **values))[slot]
    return " ".join(re.sub("<[^>]+>", " ", markup.shown(shown, INK)).split())


@pytest.mark.parametrize(
    ("text", "plus", "minus"),
    [
        ("king - man + woman", ["king", "woman"], ["man"]),
        ("king−man–x", ["king"], ["man", "x"]),
        (" - man", [], ["man"]),
        ("war", ["war"], []),
    ],
)
def test_sums_are_read(text, plus, minus):
    assert spaces.parsed(text) == (plus, minus)


@pytest.mark.parametrize(("text", "problem"), MISTAKES)
def test_what_is_no_sum_is_told_what_to_type(text, problem):
    with pytest.raises(spaces.Unclear) as refused:
        spaces.parsed(text)
    assert str(refused.value).startswith(problem)
    assert problem in said("answers", analogy=text)
    with pytest.raises(Refused):
        parts_of("analogy")(defaults(DEMO, analogy=text))


def parts_of(name: str):
    return next(endpoint.call for endpoint in DEMO.endpoints if endpoint.name == name)


@pytest.mark.parametrize("direction", ["she", "- he", "she - she", "she - hee", "she he"])
def test_what_is_no_direction_is_told_what_to_type(direction):
    problem = said("about", direction=direction)
    assert "A direction needs" in problem or "is not among" in problem or "Put + or -" in problem
    filled = DEMO.stage(defaults(DEMO, direction=direction))
    assert filled["bias"] is None and filled["map"].figure(["#000"] * 4).data
    assert "Type a direction" in said("plainly", direction=direction)


@pytest.mark.parametrize("word", ["womann", "", "<b>war</b>", "日本", "\u200b"])
def test_a_word_that_is_not_known_is_said_to_be(word):
    assert "is not among the" in said("near", word=word)
    assert DEMO.buttons["go"].options(defaults(DEMO, word=word)) == {}
    assert DEMO.render(defaults(DEMO, word=word)).shape == (720, 960, 3)
    with pytest.raises(Refused, match="is not among the"):
        parts_of("neighbours")(defaults(DEMO, word=word))


def test_a_rare_word_has_no_periods():
    rare = spaces.ours().words[-1]
    filled = DEMO.stage(defaults(DEMO, word=rare))
    assert filled["moved"] is None and "this one is rarer" in said("periods", word=rare)
    assert f"{rare} is not on this map" in said("about", word=rare)


@pytest.mark.parametrize("values", [{}, {"word": "Women", "analogy": "paris - france + germany"}, {"word": "womann"}])
def test_the_code_gives_what_is_shown(values):
    v, names = defaults(DEMO, **values), {}
    exec(DEMO.code(v), names)
    for slot, name in (("near", "near"), ("answers", "answers")):
        for word, cosine in names.get(name, []):
            assert f"{word} {cosine:.2f}" in said(slot, **values)
    if parts.chosen(v) is not None:
        assert len(names["near"]) == parts.NEAR
        for (_, count, _), found in zip(parts.by_period(v), names["then"], strict=True):
            assert not count or ", ".join(word for word, _ in found) in said("periods", **values)


def test_a_word_has_no_neighbours_where_it_is_not_said():
    assert [near for _, count, near in parts.by_period(defaults(DEMO, word="nuclear")) if not count] == [[]] * 3
    assert DEMO.stage(defaults(DEMO, word="nuclear"))["moved"].figure(["#000"] * 4).data


def test_the_words_typed_are_no_answers():
    found = parts_of("analogy")(defaults(DEMO))
    assert not {"king", "man", "woman"} & {word for answers in found.values() for word, _ in answers}


def test_cosines_along_a_direction_are_those_of_the_vectors():
    space = spaces.ours()
    rows = {word: space.table[space.number(word)] for word in ("she", "he", "nurse")}
    apart = rows["she"] - rows["he"]
    wanted = float(rows["nurse"] @ apart / np.linalg.norm(apart))
    assert parts_of("direction")(defaults(DEMO))["nurse"] == pytest.approx(wanted, abs=1e-5)
    assert spaces.along(space, "he - she") == pytest.approx(-spaces.along(space, "she - he"), abs=1e-6)


@pytest.mark.parametrize("source", parts.SOURCES)
@pytest.mark.parametrize("layout", parts.LAYOUTS)
@pytest.mark.parametrize("dims", [2, 3])
def test_every_map_is_there(source, layout, dims):
    where = spaces.points(source, layout, dims)
    assert where.shape == (spaces.mapped(), dims) and np.isfinite(where).all()
    there = spaces.on_map(source)
    assert len(np.unique(where[there].round(3), axis=0)) > 0.9 * there.sum() > 1000
    posts = drawn.signposts(source, layout, dims)
    assert len(posts) >= 8 and there[list(posts)].all()


def test_without_glove_its_neighbours_stay_and_its_vectors_are_said_to_be_missing(monkeypatch):
    monkeypatch.setattr(parts, "theirs", lambda: None)
    monkeypatch.setenv("ZOO_DATA", "/nowhere")
    monkeypatch.setenv("ZOO_CACHE", "/nowhere")
    near = said("near")
    assert "GloVe" in near and len(spaces.neighbours("glove", "war", 10)) == 10
    for slot, values in (("answers", {}), ("about", {"source": "glove"}), ("plainly", {})):
        assert data.remedy("glove") in said(slot, **values)


def test_neighbours_of_glove_are_those_of_its_vectors(need):
    need("glove")
    space = spaces.theirs()
    for word in ("war", "women", "tariff"):
        wanted = space.nearest(space.table[space.number(word)], 10, (space.number(word),))
        found = spaces.neighbours("glove", word, 10)
        assert [other for other, _ in found] == [other for other, _ in wanted]
        assert [value for _, value in found] == pytest.approx([value for _, value in wanted], abs=1e-3)


# --- the page without a server ---


def settled(page):
    page.wait_for_selector("#stage[aria-busy='false']")
    return page


def cells(page, slot: str) -> list[str]:
    return settled(page).locator(f"[data-slot={slot}] tbody td").all_text_contents()


def test_the_static_page_computes_the_same(opened):
    page = opened("map_of_words")
    for word in ("war", "Union", "nuclear"):
        page.locator("[data-field=word] input").fill(word)
        v = defaults(DEMO, word=word)
        lists = [spaces.neighbours(source, word, parts.NEAR) for source in parts.SOURCES]
        wanted = [f"{other} {value:.2f}" for row in zip(*lists, strict=True) for other, value in row]
        assert cells(page, "near") == wanted
        told = [
            cell
            for name, n, near in parts.by_period(v)
            for cell in (name, f"{n:,}", ", ".join(w for w, _ in near) or "-")
        ]
        assert cells(page, "periods") == told
    for analogy in ("king - man + woman", "better - good + strong"):
        page.locator("[data-field=analogy] input").fill(analogy)
        wanted = [f"{word} {value:.2f}" for word, value in parts_of("analogy")(defaults(DEMO, analogy=analogy))["ours"]]
        assert cells(page, "answers") == wanted
    leans = {role: f"{value:.2f}" for role, value in parts.leaning("ours", defaults(DEMO)).items()}
    texts = settled(page).locator("[data-slot=bias] .bars span").all_text_contents()
    assert dict(zip(texts[::2], texts[1::2], strict=True)) == leans


def test_the_static_page_says_the_same_of_mistakes(opened):
    page = opened("map_of_words")
    for text, problem in MISTAKES:
        page.locator("[data-field=analogy] input").fill(text)
        assert problem in settled(page).locator("[data-slot=answers]").text_content()
    page.locator("[data-field=word] input").fill("womann")
    assert settled(page).locator("[data-slot=near]").text_content().strip() == said("near", word="womann")


def test_a_word_on_the_static_map_can_be_clicked(opened):
    page = opened("map_of_words")
    canvas = settled(page).locator("[data-slot=map] canvas")
    box, before = canvas.bounding_box(), page.locator("[data-field=word] input").input_value()
    for share in (0.4, 0.5, 0.6, 0.45, 0.55):
        canvas.click(position={"x": share * box["width"], "y": share * box["height"]})
        if page.locator("[data-field=word] input").input_value() != before:
            break
    word = page.locator("[data-field=word] input").input_value()
    assert word != before and word in spaces.ours().words[: spaces.mapped()]
    settled(page).locator("[data-button=go] button").first.click()
    assert page.locator("[data-field=word] input").input_value() == spaces.neighbours("ours", word, 1)[0][0]
