"""Read a message: who reads, what decided, words left out, doubt, closer looks; and the same without a server."""

import html
import json
import math
import re
from dataclasses import replace
from urllib.parse import urlencode

import numpy as np
import pytest
import torch

from playground import markup, memory, topics
from playground.catalogue import card, load
from playground.components.words import validate_word
from playground.demo import Table
from playground.demos import read_message
from playground.demos.read_message import closer, fails, padding, reader, risk
from tests.playground.test_shown_code import run
from tests.playground.values import defaults
from zoo import reading
from zoo.models.text_classifier.words import pieces, shape, tokens

DEMO = topics.demo("read_message")
INK = (27, 27, 31)
READERS = [(task, name) for task in reader.TASKS for name in reader.readers(task)]
ODD = [
    "", " ", "Don't stop-me_now 09061 £5.00!!", "a\tb\x1c c\u00a0d\u3000e\u2028f", "\ufeffbyte order", "\u200b\u200b zero\u200bwidth",
    "ΟΔΥΣΣΕΥΣ ὈΔΥΣΣΕΎΣ Σ", "İstanbul DIŞ ǅ ﬁ ẞ", "x² ½ ⅷ Ⅷ ①② ٣٤ 𝟜𝟝 ④a", "हिन्दी ภาษาไทย 漢字かな 한국어", "مرحبا שלום", "e\u0301 Ünï_cödé o’Neill’s '90s",
    "\U0001f98b\U0001f98b butterfly", "aAa AA A Aa aA Ab'CD 'n' _ __ a_1", "w" * 45 + " 123456789012345", "\x85\x00\x01",
]  # fmt: skip


@pytest.fixture
def values():
    return defaults(DEMO)


@pytest.fixture
def no_data(monkeypatch, tmp_path):
    """No data set at hand, nor a cache."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("ZOO_DATA", "ZOO_CACHE"):
        monkeypatch.delenv(name, raising=False)
    for task in reader.TASKS:
        data = reader.named(reader.DATA[task])
        data.load.cache_clear()
    memory.results.clear()


def text_of(parts) -> str:
    return html.unescape(markup.shown(parts, INK))


# Who reads, and what is said


def test_readers_are_found_by_what_they_learnt_from():
    for task, data in reader.DATA.items():
        assert reader.readers(task)
        assert all(card(name).training["data"] == data for name in reader.readers(task))
    assert set(DEMO.checkpoints()) >= {name for _, name in READERS}


@pytest.mark.parametrize("task", reader.TASKS)
def test_every_reader_says_what_its_model_says(values, task):
    for message in read_message.EXAMPLES[task].values():
        v = values | {"task": task, "message": message}
        answers = read_message.all_readings(v)
        assert list(answers) == reader.readers(task)
        for name, said in answers.items():
            p = load(name).classify([message])[0]
            assert list(said["probabilities"].values()) == pytest.approx(p.tolist(), abs=1e-5)
            assert said["answer"] == reader.classes(task)[int(p.argmax())]


def test_the_cost_of_either_mistake_moves_the_threshold(values):
    sure = reader.read(reader.chosen(values), values["message"])
    assert reader.answer(sure, values) == 1
    near = replace(sure, log_odds=(-1.0, 1.0))
    assert reader.answer(near, values) == 1 and reader.asked(values) == 0
    assert (
        reader.answer(near, values | {"lost": 3}) == 0 and reader.answer(near, values | {"lost": 3, "missed": 2}) == 1
    )
    below = replace(sure, log_odds=(1.0, -1.0))
    assert reader.answer(below, values | {"missed": 3}) == 1
    assert reader.answer(below, values | {"task": "opinion", "missed": 3}) == below.label


def test_a_text_of_another_kind_is_doubted(values, monkeypatch):
    assert not reader.doubt(values)
    strange = values | {"message": read_message.EXAMPLES["spam"]["No message"]}
    review = values | {"message": read_message.EXAMPLES["opinion"]["Praise"]}
    assert "I don't know" in reader.doubt(strange) and "film review" in reader.doubt(review)
    assert not reader.doubt(review | {"task": "opinion"})
    assert "I don't know" in text_of(read_message.told(strange)) and "?" in text_of(read_message.verdicts(strange))
    monkeypatch.setattr(reader, "models", lambda data: [])
    reader.kind.cache_clear() if hasattr(reader.kind, "cache_clear") else None
    monkeypatch.setattr(reader, "kind", reader.kind.__wrapped__)
    assert not reader.doubt(strange)


# The words


def test_a_word_is_left_out_and_put_back(values):
    spans = reading.words(values["message"])
    once = read_message.press({"at": 3}, values)
    v = values | once
    assert reader.left_out(v) == {3} and read_message.BUTTONS["back"].when(v)
    start, end = spans[3]
    assert reader.left(v) == values["message"][:start] + " " + values["message"][end:]
    marks = [part for part in read_message.marked(v)["parts"] if "change" in part]
    assert [part["out"] for part in marks].index(True) == 3 and len(marks) == len(spans)
    assert "".join(part["text"] for part in read_message.marked(v)["parts"]) == values["message"]
    assert read_message.press({"at": 3}, v) == {"out": ""}
    assert reader.left_out(v | {"message": "another message of five words"}) == set()
    assert DEMO.fields()["out"].read(once["out"]) == once["out"]


@pytest.mark.parametrize("given", [None, 3, {}, {"at": "1"}, {"at": -1}, {"at": 4}, {"at": True}, {"at": 1.0}])
def test_what_is_no_word_is_refused(given):
    with pytest.raises(ValueError, match="a word from 0 to 3"):
        validate_word(given, 4)


@pytest.mark.parametrize("message", ["", "   ", "\u200b\u200b", "\U0001f98b", "שלום עולם", "a" * 1000, "! " * 500])
def test_any_message_is_answered(values, message):
    for task in reader.TASKS:
        shown = DEMO.stage(values | {"task": task, "message": DEMO.fields()["message"].read(message)})
        assert text_of(shown["said"]) and bool(shown["verdicts"]) == bool(reading.words(message))
    assert DEMO.render(values | {"message": message}).shape == (960, 960, 3)


def test_a_message_cannot_be_markup(values):
    v = values | {"message": "<img src=x onerror=alert(1)> [spam](https://example.org) **bold**"}
    assert "<img" not in markup.shown(read_message.told(v), INK)
    assert "href" not in markup.shown(read_message.told(v), INK)


@pytest.mark.parametrize("text", ["x" * 100_000, "a\x00b", "half \ud800 a pair"], ids=["long", "null", "half"])
def test_what_is_too_long_or_no_text_is_refused_clearly(text):
    with pytest.raises(ValueError, match="a text of at most 1,000 characters, without control characters"):
        DEMO.fields()["message"].read(text)


@pytest.mark.parametrize(("task", "name"), READERS)
def test_the_code_gives_what_the_page_shows(values, capsys, task, name):
    v = values | {"task": task, "model": name, "message": next(iter(read_message.EXAMPLES[task].values()))}
    v |= read_message.press({"at": 0}, v)
    found = run(DEMO.code(v))["found"]
    said = read_message.reading(v)
    assert [change for _, change in said["words"]] == pytest.approx(found.changes, abs=1e-4)
    printed = capsys.readouterr().out.splitlines()
    assert reader.classes(task)[found.label] in printed[0] and len(printed) == 1 + len(said["words"])


# Closer looks


def test_figures_are_the_cards(values):
    for task in reader.TASKS:
        shown = text_of(closer.compare(values | {"task": task})[0])
        assert all(f"{card(name).metric('accuracy_folds').value:.2f}" in shown for name in reader.readers(task))
    accuracy = {name: card(name).metric("accuracy_folds").value for name in reader.readers("spam")}
    linear, *nets = accuracy
    told = closer.beaten({linear: 90.0, **{name: 91.0 - 2 * i for i, name in enumerate(nets)}})
    assert "beats it by 1.00 points" in told and "loses to it by 1.00 points" in told


def test_a_threshold_finds_and_loses_as_measured(values):
    name = risk.measured()[0]
    kept = card(name).numbers
    assert risk.at_threshold(name, -99) == (1, 1) and risk.at_threshold(name, 99) == (0, 0)
    i = int(np.searchsorted(kept["threshold"], math.log(9)))
    shown = text_of(closer.risk(values | {"lost": 9})[0])
    assert f"{100 * kept['found'][i]:.1f} %" in shown and f"{1000 * kept['false_alarms'][i]:.1f}" in shown
    recall, precision = risk.curve(name)
    assert recall[0] == 100 and precision[0] == pytest.approx(100 - card(name).metric("majority").value, abs=0.01)


def test_padding_wipes_out_what_was_read(values):
    name = padding.padders("spam")[0]
    messages = (values["message"], "Hi")
    found = padding.blanks(name, messages)
    with torch.inference_mode():
        for message, odds in zip(messages, found, strict=True):
            count = len(load(name).encode(message))
            for blanks in (0, 7, padding.BLANKS):
                (logits,) = load(name).logits([message], padded=count + blanks)
                assert odds[blanks] == pytest.approx(float(logits[1] - logits[0]), abs=1e-3)
    first, last = np.array(found)[:, 0], np.array(found)[:, -1]
    assert np.ptp(last) < 0.1 < np.ptp(first)


def test_failures_wait_for_the_data(values, no_data):
    assert "not at hand" in text_of(fails.fails(values)) and not read_message.takes(values | {"part": "fails"})


def test_failures_are_the_readers_and_can_be_read(values, need):
    texts, y = need("sms").load("test")
    v = values | {"part": "fails"}
    shown = text_of(fails.fails(v))
    found = {name: load(name).logits(list(texts)).argmax(1).numpy() for name in reader.readers("spam")}
    for name, answers in found.items():
        assert f"{reader.title(name)} {int((answers != y).sum())}" in shown
    options = read_message.takes(v)
    assert options and not read_message.takes(values)
    taken = read_message.take(v, "0")["message"]
    i = texts.index(next(text for text in texts if text.startswith(taken)))
    assert found[reader.chosen(v)][i] != y[i]


# Without a server

SCRIPT = "const part = (file) => import(new URL(file, document.baseURI));"


def test_words_and_terms_are_pythons(opened):
    from zoo.models.classical_text import piece_terms, word_terms

    page = opened("read_message", alone=True)
    digits = page.evaluate("async () => (await (await fetch('facts.json')).json()).digits")
    shown = page.evaluate(
        f"""async ([texts, digits]) => {{
          {SCRIPT}
          const terms = await part('terms.js');
          return texts.map((text) => {{
            const own = terms.words(text).map(([start, end]) => text.slice(start, end));
            return {{
              words: own, terms: terms.wordTerms(text, 1, 2), pieces: terms.split(text).flatMap((word) => terms.pieceTerms(word, 2, 5)),
              shapes: own.map((word) => terms.shape(word, digits)), parts: own.map((word) => terms.pieces(word, digits, 4)),
              hash: terms.hashed(text),
            }};
          }});
        }}""",
        [ODD, digits],
    )
    for text, found in zip(ODD, shown, strict=True):
        own = [word for word, _, _ in tokens(text)]
        assert found == {
            "words": own, "terms": list(word_terms(text, 1, 2)), "pieces": list(piece_terms(text, 2, 5)), "shapes": [shape(w) for w in own],
            "parts": [pieces(w, 4) for w in own], "hash": reader.hashed(text),
        }, text  # fmt: skip
        assert own == [text[start:end] for start, end in reading.words(text)]


def test_verdicts_without_a_server_are_the_apps(opened):
    page = opened("read_message", alone=True)
    texts = [*ODD, *(text for task in reader.TASKS for text in read_message.EXAMPLES[task].values())]
    names = DEMO.checkpoints()
    shown = page.evaluate(
        f"""async ([names, texts]) => {{
          {SCRIPT}
          const [{{ classical, net, verdict }}, facts] = [await part('readers.js'), await (await fetch('facts.json')).json()];
          const found = {{}};
          for (const name of names) {{
            const known = facts.readers.find((one) => one.name === name);
            const reader = await (known.config.classifier ? classical(known) : net(known, facts.digits, facts.shapes));
            found[name] = [];
            for (const text of texts) found[name].push(await verdict(reader, text, facts.limits));
          }}
          return JSON.stringify(found);
        }}""",
        [names, texts],
    )
    for name, found in json.loads(shown).items():
        for text, own in zip(texts, found, strict=True):
            wanted = reading.verdict(load(name), text)
            assert np.abs(np.array(own["odds"]) - wanted.log_odds).max() < 1e-4, (name, text)
            assert np.abs(np.array(own["probabilities"]) - wanted.probabilities).max() < 1e-4
            assert np.abs(np.array(own["changes"] + [0]) - [*wanted.changes, 0]).max() < 2e-4, (name, text)


def cells(page, slot: str) -> list[list[str]]:
    rows = page.locator(f"[data-slot='{slot}'] tr").all()
    return [row.locator("td").all_text_contents() for row in rows[1:]]


def same(page, v) -> None:
    """Check that a page without a server says what the app says."""
    page.wait_for_selector("#stage[aria-busy='false']")
    table = read_message.verdicts(v)
    wanted = [[text for text, _ in row] for row in zip(*table.columns.values(), strict=True)] if table else []
    assert cells(page, "verdicts") == wanted
    said = re.sub("<.*?>", " ", text_of(read_message.told(v)))
    assert page.locator("[data-slot='said']").inner_text().split() == said.split()
    shown = page.eval_on_selector_all(
        ".zoo-marks [data-at]", "all => all.map((b) => [b.textContent, b.ariaSelected === 'true', b.title])"
    )
    marks = [part for part in read_message.marked(v)["parts"] if "change" in part]
    assert [one[:2] for one in shown] == [[part["text"], part["out"]] for part in marks]


def test_a_page_without_a_server_is_worked(opened, values):
    page = opened("read_message")
    same(page, values)
    page.locator(".zoo-marks [data-at]").nth(4).click()
    v = values | read_message.press({"at": 4}, values)
    page.wait_for_selector(".zoo-marks [aria-selected='true']")
    same(page, v)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    v |= read_message.press({"at": 5}, v)
    page.wait_for_function("document.querySelectorAll(\".zoo-marks [aria-selected='true']\").length === 2")
    same(page, v)
    again = opened(
        "read_message", "?" + urlencode({name: field.write(v[name]) for name, field in DEMO.fields().items()})
    )
    same(again, v)
    page.get_by_text("Put all words back").click()
    page.wait_for_selector(".zoo-marks [aria-selected='true']", state="detached")
    page.get_by_role("button", name="No message").click()
    page.wait_for_selector("[data-slot='said'] .warning")
    v = values | {"message": read_message.EXAMPLES["spam"]["No message"]}
    same(page, v)
    assert page.locator(".warning").inner_text() == reader.doubt(v)
    for task in ("opinion", "topics"):
        page.locator(f"[data-field='task'] input[value='{task}']").check()
        v = values | {"task": task, "message": v["message"], "model": reader.readers(task)[0]}
        same(page, v)
        assert page.locator("[data-field='model'] label:visible").all_text_contents() == [
            reader.title(name) for name in reader.readers(task)
        ]
    page.locator("textarea").fill("")
    page.get_by_text("There is no word to read").wait_for()


def test_closer_looks_without_a_server_are_the_apps(opened, values):
    page = opened("read_message", "?part=risk&lost=9")
    for part in ("risk", "padding", "compare", "curves"):
        v = values | {"part": part, "lost": 9}
        page.locator(f"[data-field='part'] input[value='{part}']").check()
        page.wait_for_selector("#stage[aria-busy='false']")
        parts, figures = getattr(closer, part)(v)
        tables = [one for one in parts if isinstance(one, Table)]
        wanted = [[text for text, _ in row] for table in tables for row in zip(*table.columns.values(), strict=True)]
        assert [row for row in cells(page, "closer") if row] == wanted
        assert page.locator("[data-slot='charts'] svg").count() == len(figures)
        drawn = page.eval_on_selector_all("svg path, svg circle", "all => all.map((one) => one.outerHTML).join()")
        assert drawn and "NaN" not in drawn
    page.locator("[data-field='part'] input[value='fails']").check()
    page.get_by_text("It can be seen only with a server").wait_for()
