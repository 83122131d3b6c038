"""From counts to attention: what is written and read is the models' own, what is told of them holds whoever is ahead, and any text is read."""

import html
import io
import math
import re
from contextlib import redirect_stdout

import numpy as np
import pytest

import zoo
from playground import charts, markup
from playground.catalogue import load
from playground.demos.counts_to_attention import BEGINNING, DEMO, READ, graphs, ladder, reading, texts
from playground.demos.counts_to_attention.ladder import MODELS, models
from tests.playground.values import defaults
from zoo import copies

SHORT = {"length": 50}
PHRASE = "the soul of man is the measure of all things"


def said(shown) -> str:
    """What a slot shows, without its markup."""
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", markup.shown(shown, (0, 0, 0)))).split())


def bare(shown: str) -> str:
    """The text that markup shows."""
    return html.unescape(re.sub("<[^>]+>", "", shown))


def filled(**changes):
    last = {}
    for part in DEMO.stage(defaults(DEMO, **SHORT | changes)):
        last |= part
    return last


def call(endpoint: str, **values):
    return next(one.call for one in DEMO.endpoints if one.name == endpoint)(defaults(DEMO, **values))


@pytest.fixture
def figures(monkeypatch):
    """A function that says how surprised the models are, one after the other, whatever their cards say."""

    def told(*values: float) -> None:
        given = dict(zip(models(), values, strict=False))
        monkeypatch.setattr(ladder, "models", lambda: [*given])
        monkeypatch.setattr(ladder, "bits", given.__getitem__)

    return told


@pytest.fixture
def learnt(monkeypatch):
    """A witness who knows one phrase and the beginning of another by heart."""
    known = copies.known(copies.windows(PHRASE, copies.WINDOW) + copies.windows("all things work", copies.WINDOW))
    monkeypatch.setattr(texts, "witness", lambda: "char_rnn.some")
    monkeypatch.setattr(texts, "learnt", lambda name: known)
    monkeypatch.setattr(texts, "copied", texts.copied.__wrapped__)


def test_the_fast_ones_show_first_and_the_others_have_their_place():
    parts = list(DEMO.stage(defaults(DEMO, **SHORT)))
    assert [list(part) for part in parts[:2]] == [["said", "figures"], ["texts"]]
    written = call("compare", **SHORT)
    for n, part in enumerate(parts[1 : 1 + len(models())], 1):
        (beside,) = part["texts"]
        assert len(beside.groups) == len(models())
        for i, (name, group) in enumerate(zip(models(), beside.groups, strict=True)):
            there = markup.shown(group, (0, 0, 0))
            assert MODELS[name] in there and (f"<b>{BEGINNING}</b>{html.escape(written[name])}" in there or i >= n)
            assert ("visibility: hidden" in there) == (i >= n)
    assert "…" in said(parts[0]["figures"]) and "…" not in said(parts[-2]["figures"])


@pytest.mark.parametrize(
    "changes", [{}, {"wild": 0.0, "read": "Ça va, Émile? 東京", "beginning": ""}, {"seed": 4294967295, "wild": 2.0}]
)
def test_the_code_writes_and_reads_the_same(changes):
    v, out, names = defaults(DEMO, **SHORT | changes), io.StringIO(), {}
    with redirect_stdout(out):
        exec(DEMO.code(v), names)
    begun, surprises = texts.task(v).beginning, call("bits", **changes)
    for name, written in call("compare", **SHORT | changes).items():
        assert f"{name}, {np.mean(surprises[name]):.2f} bits a character: {begun}{written}\n" in out.getvalue()
        assert len(written) == v["length"]


@pytest.mark.parametrize("name", MODELS)
def test_what_is_expected_is_what_the_model_says(name):
    if name not in models():
        pytest.skip(f"{name} is not at hand: restore checkpoints/")
    p = 2.0 ** texts.expected(name, READ)
    assert p.shape == (len(READ), len(load(name).config.chars)) and p.sum(1) == pytest.approx(1, abs=1e-4)
    assert texts.surprise(name, READ) == pytest.approx(load(name).bits(READ).numpy(), abs=1e-3)
    for at in (0, 9, len(READ) - 1):
        shown = texts.likeliest(name, READ, at)
        assert len(shown) == 6 and READ[at] in dict(shown)
        assert -math.log2(dict(shown)[READ[at]]) == pytest.approx(texts.surprise(name, READ)[at], abs=1e-3)
        others = [chance for c, chance in shown if c != READ[at]]
        assert others == sorted(others, reverse=True) and others[0] == pytest.approx(
            max(x for i, x in enumerate(p[at]) if load(name).config.chars[i] != READ[at])
        )


def test_what_is_told_holds_whoever_is_ahead(figures):
    figures(3.4, 1.9)
    a, b = (MODELS[name] for name in ladder.models())
    assert said(ladder.figures({})[1]).startswith(f"{b} is ahead, 1.50 bits before {a}.")
    assert ladder.apart(models()[1], models()[0]) == "−1.50" and "3.7 characters" in ladder.ahead()
    figures(1.9, 3.4)
    assert f"**{a}** is ahead, 1.50 bits before {b}." in ladder.ahead()
    table = ladder.figures({models()[0]: 0.5})[0].columns
    assert table["bits"] == [("1.90", True), ("3.40", False)] and [cell for cell, _ in table["than above"]] == [
        "",
        "+1.50",
    ]
    assert [cell for cell, _ in table["a character takes"]] == ["0.50 ms", "…"]
    figures(2.0, 2.001)
    assert ladder.ahead().startswith(f"{a} and {b} are level.") and ladder.apart(models()[1], models()[0]) == "0.00"
    figures(2.0)
    assert "ahead" not in ladder.ahead() and "4.0 characters" in ladder.ahead()


def test_how_far_back_a_model_looks_is_read_from_its_card(monkeypatch):
    a, b = models()[:2]
    shown = {a: {1: 3.0, 2: 3.0, 4: 3.0}, b: {1: 3.2, 2: 2.5, 4: 2.4}}
    monkeypatch.setattr(ladder, "models", lambda: [a, b])
    monkeypatch.setattr(ladder, "context", shown.__getitem__)
    assert (ladder.reach(a), ladder.reach(b)) == (1, 4)
    assert f"{MODELS[a]} 1, {MODELS[b]} not yet at 4." in ladder.gains()
    assert f"Shown 1, {MODELS[a]} is" in ladder.gains() and f"Shown 4, {MODELS[b]} is" in ladder.gains()
    shown[b] = {1: 3.2, 2: 2.4, 4: 2.6}  # more may be too much for it
    assert ladder.reach(b) == 2
    shown |= {a: {}, b: {}}
    assert ladder.gains() == ""


def test_the_charts_show_what_the_cards_say():
    drawn = graphs.by_context().figure(charts.COLORS["both"])
    told = {name: found for name in models() if (found := ladder.context(name))}
    assert [trace.name for trace in drawn.data] == [MODELS[name] for name in told]
    for trace, found in zip(drawn.data, told.values(), strict=True):
        assert dict(zip(trace.x, trace.y, strict=True)) == found
    assert [note.text for note in drawn.layout.annotations] == [trace.name for trace in drawn.data]
    (dots,) = graphs.by_model().figure(charts.COLORS["both"]).data
    values = dict(zip(dots.y, dots.x, strict=True))
    assert values == ladder.anchors() | {MODELS[name]: ladder.bits(name) for name in models()}
    assert list(dots.text) == [f"{value:.2f}" for value in values.values()]
    assert values["Any character alike"] == pytest.approx(math.log2(len(load(ladder.COUNTS).config.chars)))
    assert values["Any character alike"] > values["Frequency alone"] > values["Bigram"] > values["6-gram"]


@pytest.mark.parametrize(
    "values", [[1.0], [1.0, 5.0, 3.0], [1.0, 1.0, 1.0], [1.0, 1.05, 4.0, 1.02, 3.98], [2.0, 2.9, 2.0, 3.0]]
)
def test_names_stand_apart_and_in_order(values):
    places = graphs.spread(values, 0.2)
    order = sorted(range(len(values)), key=lambda i: values[i])
    assert all(places[b] - places[a] > 0.2 - 1e-9 for a, b in zip(order, order[1:], strict=False))
    assert np.mean(places) == pytest.approx(np.mean(values))
    assert np.abs(np.subtract(places, values)).max() < 0.1 * len(values)
    if len(values) == 1 or np.diff(sorted(values)).min() > 0.2:
        assert places == pytest.approx(values)


def test_characters_that_no_model_knows_are_replaced_and_named():
    shown = filled(beginning="<script>Ω“Oui”", read="A “café” <b>東</b>")
    page = shown["page"]["text"]
    assert page.startswith('A "café" ') and len(page) == len(shown["page"]["bits"]) and "東" not in page
    for slot in ("said", "hint"):
        assert "The models do not know" in said(shown[slot]), slot
    everything = markup.shown(
        [*shown["said"], *shown["texts"], *shown["hint"], *shown["rows"], *shown["bars"]], (0, 0, 0)
    )
    assert "<script>" not in everything and "<b>東" not in everything
    assert not said(filled()["said"]).startswith("The models do not know")


def test_a_character_is_chosen_and_all_rows_have_it():
    press = next(slot.sets for slot in DEMO.slots() if slot.component)
    v = defaults(DEMO, **SHORT)
    assert press({"at": 4, "seq": 1}, v) == {"at": 4}
    shown = filled(at=4)
    assert shown["page"]["selected"] == 4 and f"After “{READ[:4]}” each expected" in said(shown["bars"])
    rows = [markup.shown(row, (0, 0, 0)) for row in shown["rows"]]
    assert len(rows) == len(models())
    for row, name in zip(rows, models(), strict=True):
        assert bare(re.search("<div class='zoo-prose.*?</div>", row, re.DOTALL)[0]) == READ and MODELS[name] in row
        assert re.search("outline[^>]*>(.)<", row)[1] == READ[4]
    for at in (-1, len(READ), 299):  # none, or of a longer text than now
        assert reading(defaults(DEMO, at=at)) == (READ, int(texts.divided(READ).argmax()))
        assert filled(at=at)["page"]["selected"] is None
    for given in (None, {}, {"at": len(READ)}, {"at": -1}, {"at": True}, "4"):
        with pytest.raises(ValueError, match="a choice must be"):
            press(given, v)


def test_without_a_text_the_page_says_what_to_do():
    shown = filled(read="", beginning="")
    assert said(shown["hint"]) == "Put a text into the box." and shown["page"]["text"] == ""
    assert shown["rows"] is None and not any(call("bits", read="").values())
    assert "text = ''" in DEMO.code(defaults(DEMO, read=""))


def test_what_was_written_can_be_read():
    v = defaults(DEMO, **SHORT, at=7)
    button = DEMO.buttons["take"]
    assert list(button.options(v)) == models()
    for name, text in call("compare", **SHORT).items():
        assert button.press(v, name) == {"read": BEGINNING + text, "at": -1}
    long = button.press(defaults(DEMO, length=600, seed=2), models()[0])["read"]
    assert DEMO.fields()["read"].read(long) == long


def test_copies_are_marked_and_counted_once(learnt):
    text = f"Emerson says {PHRASE} work"  # two stretches that overlap
    first, second = texts.copied(text)
    assert text[slice(*first)] == PHRASE and text[slice(*second)].endswith("ings work") and second[0] < first[1]
    assert texts.share(text) == pytest.approx(100 * (second[1] - first[0]) / len(text))
    shown = texts.by_copies(text, 7)
    assert bare(shown) == text
    depth = {bare(piece): float(found) for found, piece in re.findall("--bits: ([0-9.]+)[^>]*>(.*?)</span>", shown)}
    assert depth["Emerson"] == depth[" says "] == 0 < depth[" work"] < depth[PHRASE]
    assert f"title='{len(PHRASE)} characters'" in shown and "font-weight: 600'>Emerson<" in shown
    assert texts.share("nothing of the sort is known") == 0


@pytest.mark.parametrize("ink", ["plain", "copies", "surprise"])
def test_every_ink_shows_the_same_texts(ink):
    if ink not in DEMO.fields()["ink"].allowed(defaults(DEMO)):
        pytest.skip("no model keeps what it learnt from: restore checkpoints/char_rnn.emerson")
    (beside,) = filled(ink=ink)["texts"]
    for group, (name, text) in zip(beside.groups, call("compare", **SHORT).items(), strict=True):
        assert bare(markup.shown(group[1], (0, 0, 0))) == BEGINNING + text, name


@pytest.fixture
def at_hand(monkeypatch):
    """A function that leaves only some models at hand."""

    def leave(*names: str) -> None:
        monkeypatch.setattr(zoo, "names", lambda: [*names])
        models.cache_clear()

    yield leave
    models.cache_clear()


def test_the_page_does_with_those_that_are_at_hand(at_hand):
    at_hand("char_ngram.emerson-bigram", "vae.mnist-cnn")
    assert models() == DEMO.checkpoints() == ["char_ngram.emerson-bigram"]
    assert DEMO.fields()["ink"].allowed(defaults(DEMO)) == ["plain", "surprise"]
    shown = filled(ink="copies")  # as an old link may ask
    assert len(shown["rows"]) == 1 and "Marked" not in said(shown["said"])
    assert ladder.anchors() == {}
    at_hand("vae.mnist-cnn")
    with pytest.raises(zoo.CheckpointNotFound, match="train one: python -m train.char_ngram emerson"):
        models()
