"""Writing desk: every voice writes, is measured by the character and looked at closer; pieces, conditions, cells, copies and the twin."""

import html
import re

import numpy as np
import pytest
import torch

import zoo
from playground import learning, markup
from playground.catalogue import card, load
from playground.demo import Words
from playground.demos.writing_desk import (
    BUTTONS,
    DEMO,
    cells,
    choose,
    closer,
    copied,
    go_on_with,
    others,
    quiz,
    tokens,
    voices,
    writing,
)
from playground.demos.writing_desk.marks import marked
from playground.demos.writing_desk.writing import Paper, task, whole
from tests.playground.values import defaults
from zoo.writing import Sampling

PIECES = [name for name in voices.models() if not voices.spelt(name)]
LINCOLN = {"speaker": "Abraham Lincoln", "decade": "1860"}
PLAIN = Sampling(temperature=1.0)
HOSTILE = ["Zoë – 😀 नमस्ते", "<b>x</b> & </div>", "two  blanks ", "\n\n", "<|end|>", "\ud7ff\U0010ffff"]


def desk(name: str, **changes) -> dict:
    return defaults(DEMO, model=name, **{"length": 50, "beginning": "We must ", **changes})


def shown(v: dict) -> dict:
    """What the slots hold in the end."""
    last: dict = {}
    for stage in DEMO.stage(v):
        last |= stage
    return last


def said(part) -> str:
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", markup.shown(part, (0, 0, 0)))).split())


def written(v: dict) -> dict:
    """Values with what is written on the page."""
    return v | {"paper": Paper(task(v), writing.write(*task(v)))}


def test_voices_are_found_and_steps_and_twins_are_not():
    found = voices.models()
    assert found[0] == "char_gpt.shakespeare" and set(voices.STYLES) <= set(found)
    assert not [name for name in found if name.startswith("char_ngram.") or name.endswith(("-basic", "-overfit"))]
    assert not [name for name in found if "names" in name or "makemore" in name]
    assert voices.twin("char_rnn.emerson") in DEMO.checkpoints() and voices.twin("char_rnn.emerson") not in DEMO.shown()


@pytest.mark.parametrize("name", voices.STYLES)
def test_every_voice_has_its_closer_looks(name, monkeypatch):
    monkeypatch.setattr(closer, "LENGTHS", dict.fromkeys(closer.LENGTHS, 4))
    monkeypatch.setattr(quiz, "parts", lambda v: [Words("asked")])  # which has a test of its own
    v = desk(name, length=4)
    for part in closer.offered(name):
        slots = shown(v | {"part": part})
        assert (
            slots["closer"] and (part == "looks") == bool(slots["map"]) and (part == "copied") == bool(slots["course"])
        )
    elsewhere = next(part for part in closer.PARTS if part not in closer.offered(name))  # as an old link may ask for
    assert said(shown(v | {"part": elsewhere})["closer"]) == said(shown(v | {"part": "ways"})["closer"])


@pytest.mark.parametrize("name", voices.STYLES)
def test_bits_are_of_characters_whatever_the_tokens(name):
    model = load(name)
    for text in ["We must. ", *HOSTILE]:
        text = tokens.known(name, text)[0]
        found = tokens.bits(name, text)
        assert found.shape == (len(text),)
        assert found.sum() == pytest.approx(float(model.bits(text).sum()), rel=1e-4)


@pytest.mark.parametrize("name", PIECES)
def test_tokens_cover_a_text_without_gaps(name):
    for text in HOSTILE:
        spans = tokens.spans(name, text)
        assert [start for start, *_ in spans] == [0, *(end for _, end, *_ in spans[:-1])] and spans[-1][1] == len(text)
        assert [first for *_, first, _ in spans] == [0, *(last for *_, last in spans[:-1])]
        assert spans[-1][3] == len(load(name).encode(text))
        assert all(start <= at < end for at in range(len(text)) for start, end in [tokens.around(name, text, at)])


@torch.inference_mode()
@pytest.mark.parametrize("name", voices.STYLES)
def test_what_is_expected_is_what_is_drawn_from(name):
    beginning = tokens.known(name, "It is not true that we " * 20)[0]
    for_ = tuple(LINCOLN.items()) if voices.conditions(name) else ()
    _, p = next(writing.trace(name, beginning, 1, 1, PLAIN, for_))
    found = tokens.expected(name, beginning, PLAIN, for_)
    assert [(c, pytest.approx(q, abs=1e-4)) for c, q in found] == tokens.likeliest(name, p)


@pytest.mark.parametrize("name", PIECES)
def test_a_text_of_pieces_ends_at_the_first_that_reaches_its_length_or_at_its_own_end(name):
    v = desk(name, **LINCOLN)
    lengths = np.cumsum([len(c) for c, _ in writing.trace(*task(v))])
    assert len(writing.write(*task(v))) <= lengths[-1] and (lengths[:-1] < 50).all()
    model = load(name)
    piece = int(model.encode(".")[0])
    logits = torch.full((1, model.config.pieces), -100.0)

    class Pen:
        """Writes a full stop three times, then the address's end."""

        count = 0

        @property
        def logits(self):
            return logits.clone().index_fill(1, torch.tensor([piece if self.count < 3 else 0]), 100.0).numpy()

        def step(self, x):
            self.count += 1

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(model), "pen", lambda *_, **__: Pen())
        assert writing.write.__wrapped__(name, "We", 50, 1, PLAIN) == "..."
        slots = shown(v | {"seed": 77, "beginning": "Now"})
    assert slots["page"]["text"] == "Now..." and "ends here" in said(slots["said"])


@pytest.mark.parametrize("name", PIECES)
def test_a_piece_is_chosen_by_any_of_its_characters_and_replaced_whole(name):
    v = written(desk(name, beginning="Fellow citizens, the Constitution"))
    text = whole(v)
    start, end = tokens.around(name, text, 20)
    for at in range(start, end):
        assert choose({"at": at}, v)["paper"].at == start
    v |= choose({"at": start}, v)
    page = shown(v)["page"]
    assert (page["selected"], page["to"]) == (start, end)
    assert BUTTONS["again"].press(v, "")["beginning"] == text[:start]
    for token in others(v):
        assert go_on_with(v, token)["beginning"] == text[:start] + token
    with pytest.raises(ValueError, match="a place from 0"):
        choose({"at": len(text)}, v)


def test_pieces_are_shown_by_their_blanks_and_bytes():
    for name in PIECES:
        model = load(name)
        faces = [tokens.face(name, tokens.piece(name, i)) for i in range(model.config.pieces)]
        assert faces[0] == "the end" and not any(
            " " in face and not face.startswith(("bytes", "the end")) for face in faces
        )
        (byte,) = [i for i, c in enumerate(faces) if c == "bytes E2"]
        assert not tokens.adds(name, tokens.piece(name, byte)) and not tokens.adds(name, tokens.piece(name, 0))
        assert int(model.encode("–")[0]) == byte or len(model.encode("–")) < 3
        assert others(written(desk(name, beginning="We must "))).keys().isdisjoint({"", tokens.end(name)})


def test_too_many_pieces_are_left_out_and_said():
    name, text = PIECES[0], "😀" * 1900 + "We"
    found, note = writing.known(name, text)
    assert text.endswith(found) and len(load(name).encode(found)) <= tokens.MOST and "left out" in note
    v = desk(name, beginning=text)
    assert task(v).beginning == found and repr(found) in DEMO.code(v)


@pytest.mark.parametrize("name", PIECES)
def test_whom_it_writes_for_is_told_or_withheld(name):
    open_, lincoln = desk(name), desk(name, **LINCOLN)
    assert voices.told(open_) == () and dict(voices.told(lincoln)) == LINCOLN
    assert "given" not in DEMO.code(open_) and "given=given" in DEMO.code(lincoln)
    plain, for_ = (tokens.bits(name, "Fellow citizens", voices.told(v)) for v in (open_, lincoln))
    assert np.abs(plain - for_).max() > 0
    model = load(name)
    wanted = model.bits("Fellow citizens", model.given(**LINCOLN)).sum()
    assert for_.sum() == pytest.approx(float(wanted), rel=1e-4)
    assert voices.named(voices.told(lincoln)) == "Abraham Lincoln, 1860s" and voices.named(()) == "Anyone, any time"
    two = lincoln | {"part": "two", "speaker2": "any", "decade2": "1790"}
    assert "Anyone, 1790s" in said(closer.parts(two)) and "Abraham Lincoln, 1860s" in said(closer.parts(two))


def test_fields_of_conditions_follow_the_model():
    fields = DEMO.fields()
    for name in voices.models():
        v = desk(name)
        known = voices.conditions(name)
        assert all(field.end(v) > field.low for field in fields.values() if field.end)  # as Gradio's sliders want it
        assert fields["speaker"].when(v) == bool(known) == fields["speaker2"].when(v | {"part": "two"})
        if known:
            assert fields["speaker"].allowed(v) == ["any", *known["speaker"]]
            assert fields["decade"].called("1860", v) == "1860s"
    with pytest.raises(ValueError, match="one of"):
        fields["speaker"].read("Nobody")
    stale = desk("char_gpt.shakespeare", **LINCOLN)
    assert task(stale).for_ == () and DEMO.code(stale) == DEMO.code(desk("char_gpt.shakespeare"))


def test_old_calls_of_endpoints_still_work():
    for endpoint in DEMO.endpoints:
        names = [taken.partition(":")[0] for taken in endpoint.takes]
        later = [name for name in names if name in ("speaker", "decade", "guidance")]
        assert {"speaker", "decade"} <= set(later) and names[-len(later) :] == later  # old calls end before them
        assert all(DEMO.fields()[name].default == "any" for name in ("speaker", "decade"))


def test_a_cell_colours_the_text_by_its_value():
    name = "char_rnn.emerson"
    v = written(desk(name, part="cells"))
    for title, (cell, r) in cells.cells(name).items():
        slots = said(closer.parts(v | {"cell": title}))
        assert f"Cell {cell} follows: {title}" in slots and f"{r:.2f}" in slots
    text = whole(v)
    x = load(name).trail(text)[:, cell].numpy()
    np.testing.assert_allclose(cells.trail(name, text, cell), x)
    shades = re.findall(
        r"<span( class=zoo-below)?[^>]*title='([^']*)'", markup.shown(closer.parts(v | {"cell": title}), (0, 0, 0))
    )
    assert [float(value) for _, value in shades] == [pytest.approx(float(one), abs=0.006) for one in x]
    assert all(bool(below) == (value < 0) for (below, _), value in zip(shades, x, strict=True))


def test_what_stands_in_the_training_text_is_marked(monkeypatch):
    name, learnt = "char_rnn.emerson", "abcdefghijklmnopqrstuvwxyz"
    monkeypatch.setattr(copied, "learnt", lambda _: zoo.copies.known(zoo.copies.windows(learnt, zoo.copies.WINDOW)))
    v = desk(name, part="copied")
    v |= {"paper": Paper(task(v), "<b>& abcdefghijklmnop. bcdefghijklm")}
    shown = markup.shown(copied.parts(v), (0, 0, 0))
    assert (
        re.findall("<mark>(.*?)</mark>", shown) == ["abcdefghijklmnop", "bcdefghijklm"] and "&lt;b&gt;&amp; " in shown
    )
    overlapping = re.findall("<mark>(.*?)</mark>", marked("", learnt, [(0, 12), (6, 19)]))
    assert "".join(overlapping) == learnt[:19]
    assert "The longest, 16 characters: “abcdefghijklmnop”." in said(copied.parts(v))
    figures = {metric.name: metric.value for metric in card(name).metrics}
    for key in ("longest_copy", "copied", "longest_copy_real", "copied_real"):
        assert f" {figures[key]:.0f} " in said(copied.parts(v)) + " "


def test_the_twin_is_scrubbed_from_too_little_to_too_much():
    v = desk("char_rnn.emerson", part="copied")
    there = learning.moments(voices.twin("char_rnn.emerson"))
    assert DEMO.fields()["moment"].high == len(there) - 1
    for at in (0, len(there) - 1):
        now = v | {"moment": at}
        assert f"After step {there[at]['step']:,}:" in said(copied.words(now))
        bare = re.sub(r"\s", "", html.unescape(re.sub("<[^>]+>", "", markup.shown(copied.words(now), (0, 0, 0)))))
        assert all("".join((start + text).split()) in bare for start, text in there[at]["texts"].items())
        figure = copied.course(now).figure(["#000", "#111"])
        assert figure.layout.shapes[0].x0 == max(1, there[at]["step"])
        assert [list(line.y) for line in figure.data] == [[one[key] for one in there] for key in ("held_out", "copied")]
    assert said(copied.words(v | {"moment": 10**6})) == said(copied.words(v | {"moment": len(there) - 1}))


def test_without_the_twin_the_page_says_so(monkeypatch):
    monkeypatch.setattr(copied, "twin", lambda name: None)
    slots = shown(desk("char_rnn.emerson", part="copied"))
    assert "restore checkpoints/char_rnn.emerson-overfit" in said(slots["twin"]) and slots["course"] is None


@pytest.mark.parametrize("name", [*PIECES, "char_rnn.emerson"])
def test_the_quiz_asks_about_every_voice(name, need):
    need(card(name).training["data"])
    v = desk(name, part="quiz", seed=3)
    assert set(quiz.guesses(v)) == {"0", "1"}
    passages, real = quiz.pair(*quiz.score(v).of)
    text = zoo.data.module(card(name).training["data"]).load("test")
    assert passages[real] in text and all(len(passage) <= 200 for passage in passages)
    guess = v | quiz.guessed(v, str(real))
    assert "Right. 1 of 1 so far." in said(quiz.parts(guess))
