"""What decided a reader: each word left out by hand, hostile texts."""

import pytest
import torch

from zoo import reading
from zoo.models.classical_text import ClassicalText
from zoo.models.classical_text import Config as Bag
from zoo.models.text_classifier import Config, TextClassifier
from zoo.reading import odds, verdict, without, words

SMALL = Config(
    kind="lstm", words=3, own=3, letters=len("call\nthe\nprize"), buckets=32, embedding=4, states=5, classes=3
)
KINDS = {
    "lstm": SMALL,
    "rnn": Config(**vars(SMALL) | {"kind": "rnn", "both": False, "pool": "last"}),
    "cnn": Config(**vars(SMALL) | {"kind": "cnn", "pool": "max words"}),
    "wide": Config(**vars(SMALL) | {"kind": "cnn", "pool": "mean max", "widths": "1 2 7", "given": 3, "members": 2}),
    "several": Config(**vars(SMALL) | {"members": 2}),
    "classical": Bag(words="1 2", pieces="2 3", word_terms=3, piece_terms=3, letters=len("call\ncall the\nprize\nal\nca\n p"), classes=3),
}  # fmt: skip
TEXTS = [
    "Call the prize line now!", "one", "a b", "don't, won’t: _x_ £500 42nd", "שלום עולם", "e\u0301 ñ ß Ǆ İ ²", "\U0001f98b", "\u200b\u200b x \u200b",
    "a\x00b\x00c",
]  # fmt: skip


def reader(kind: str):
    """Make a reader with weights at random."""
    torch.manual_seed(0)
    config = KINDS[kind]
    model = ClassicalText(config) if isinstance(config, Bag) else TextClassifier(config)
    letters = "call\ncall the\nprize\nal\nca\n p" if isinstance(config, Bag) else "call\nthe\nprize"
    with torch.no_grad():
        (model.terms if isinstance(config, Bag) else model.vocabulary).copy_(torch.tensor(list(letters.encode())))
        for parameter in model.parameters():
            parameter.normal_(0, 0.5)
    return model.eval().requires_grad_(False)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", TEXTS)
def test_a_word_adds_what_its_text_loses_without_it(kind, text):
    model = reader(kind)
    found = verdict(model, text)
    p = model.logits([text])[0].double().softmax(0)
    assert torch.allclose(torch.tensor(found.probabilities).double(), p, atol=1e-5)
    assert found.label == int(p.argmax()) and len(found.changes) == len(found.spans)
    for (start, end), change in zip(found.spans, found.changes, strict=True):
        q = model.logits([text[:start] + " " + text[end:]])[0].double().softmax(0)
        by_hand = torch.logit(p[found.label]) - torch.logit(q[found.label])
        assert change == pytest.approx(float(by_hand), abs=1e-4)


def test_log_odds_are_those_of_a_class_against_all_others():
    logits = torch.randn(5, 4, dtype=torch.double)
    assert torch.allclose(odds(logits), torch.logit(logits.softmax(1)))
    two = torch.tensor([[-200.0, 200.0]])
    assert torch.equal(odds(two), torch.tensor([[-400.0, 400.0]]))


def test_words_are_words_numbers_and_marks():
    text = "Don't call 09060, O’Hara_2!"
    assert [text[start:end] for start, end in words(text)] == ["Don't", "call", "09060", ",", "O’Hara", "_", "2", "!"]
    assert without(text, (6, 10)) == "Don't   09060, O’Hara_2!"


class Counting:
    """A reader that counts the characters it is given."""

    characters = 0

    def logits(self, texts):
        self.characters += sum(map(len, texts))
        return torch.zeros(len(texts), 2)


@pytest.mark.parametrize(
    "text",
    ["", "\u200b" * 100_000, "x" * 100_000, "a," * 50_000, "word " * 20_000, "\U0001f98b", "\x00" * 9, "ש" * 100_000],
)
def test_any_text_is_answered_with_bounded_work(text):
    model = Counting()
    found = verdict(model, text)
    assert model.characters <= len(text) + reading.WORK + 3
    assert len(found.changes) == len(found.spans) and found.probabilities == (0.5, 0.5)
    for kind in ("classical", "rnn"):
        assert sum(verdict(reader(kind), text).probabilities) == pytest.approx(1, abs=1e-4)


def test_only_the_first_words_are_left_out_where_asked():
    found = verdict(reader("lstm"), "Call the prize line now", most=2)
    assert all(found.changes[:2]) and not any(found.changes[2:])
