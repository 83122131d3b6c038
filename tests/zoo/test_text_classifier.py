"""Networks that read texts: padding changes nothing, what is shared is, and they learn; the figures that are measured of them."""

import time
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from tests.zoo.test_classical_text import ODD, Made, made
from train import text_classifier as training
from train.core import reading
from zoo import checkpoint
from zoo.card import Card
from zoo.data import kinds
from zoo.models.text_classifier import BLANK, Batch, Config, TextClassifier
from zoo.models.text_classifier.words import hashed, pieces, shape, tokens

SMALL = Config(words=40, own=30, letters=0, given=5, embedding=8, buckets=64, states=6, classes=3)
KINDS = {
    "rnn": replace(SMALL, kind="rnn", both=False, pool="last"), "lstm": replace(SMALL, layers=2), "last": replace(SMALL, pool="last mean words"),
    "cnn": replace(SMALL, kind="cnn", pool="max words"), "three": replace(SMALL, members=3),
}  # fmt: skip
TEXTS = [
    "Call me when you are home",
    "WINNER!! 08001234567",
    "",
    "a",
    "one two three four five six seven eight nine ten eleven twelve",
]


def network(config: Config) -> TextClassifier:
    torch.manual_seed(0)
    model = TextClassifier(config)
    model.given.normal_()
    return model.eval().requires_grad_(False)


@pytest.mark.parametrize("config", KINDS.values(), ids=KINDS)
def test_padding_to_any_length_changes_nothing(config):
    model = network(config)
    together = model.logits([*TEXTS, "long " * 90])[: len(TEXTS)]
    alone = torch.cat([model.logits([text]) for text in TEXTS])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=0)
    many = model.logits(TEXTS * 40).reshape(40, len(TEXTS), -1)  # more than are padded to one length
    torch.testing.assert_close(many, alone.expand_as(many), atol=1e-5, rtol=0)


def test_padding_that_is_let_in_makes_all_texts_alike():
    model = network(KINDS["rnn"])
    spread = model.logits(TEXTS).std(0).max()
    assert model.logits(TEXTS, padded=200).std(0).max() < 1e-3 * spread
    torch.testing.assert_close(model.logits(TEXTS, padded=1), model.logits(TEXTS, padded=12))


def test_the_recurrent_states_are_those_of_torchs_own_bidirectional_lstm():
    model = network(KINDS["lstm"])
    own = model.networks[0]
    theirs = nn.LSTM(13, 6, 2, batch_first=True, bidirectional=True)
    for layer, pair in enumerate(own.read):
        for one, end in zip(pair, ("", "_reverse"), strict=True):
            for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                getattr(theirs, f"{part}_l{layer}{end}").data.copy_(getattr(one, f"{part}_l0"))
    x, lengths = torch.randn(4, 9, 13), torch.tensor([9, 1, 5, 7])
    wanted = pad_packed_sequence(
        theirs(pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))[0], batch_first=True
    )[0]
    found = own.states(x, lengths)
    for i, n in enumerate(lengths):
        torch.testing.assert_close(found[i, :n], wanted[i, :n])


def test_the_convolutions_are_torchs():
    own = network(KINDS["cnn"]).networks[0]
    x = torch.randn(2, 7, 13)
    found = own.states(x, torch.tensor([7, 7]))
    for filters, width, first in zip(own.read, (3, 4, 5), (0, 6, 12), strict=True):
        weight = filters.weight.view(6, width, 13).transpose(1, 2)
        wanted = F.conv1d(x.transpose(1, 2), weight, filters.bias, padding=width // 2)[..., :7].transpose(1, 2).relu()
        torch.testing.assert_close(found[..., first : first + 6], wanted)


def test_a_words_vector_is_the_sum_of_its_own_its_shape_and_its_pieces_beside_the_given():
    config = replace(SMALL, letters=len(b"call\nme\nhome"), words=3, own=2)
    model = network(config)
    model.vocabulary.copy_(torch.tensor(list(b"call\nme\nhome"), dtype=torch.uint8))
    own = model.networks[0]
    for text, number, learnt in (
        ("Call", 2, 2),
        ("home", 4, 1),
        ("xyzzy", 1, 1),
    ):  # of "home" only the given vector is known
        batch = Batch.of([model.encode(text)])
        parts = own.pieces.weight[[hashed(piece) % 64 for piece in pieces(text)]].mean(0)
        wanted = torch.cat([model.given[number], own.embed.weight[learnt] + own.shape.weight[shape(text)] + parts])
        torch.testing.assert_close(own.vectors(batch, model.given)[0], wanted)


def test_networks_together_answer_with_their_mean_log_probability():
    model = network(KINDS["three"])
    single = [training.alone(model, i).logits(TEXTS) for i in range(3)]
    torch.testing.assert_close(model.logits(TEXTS), torch.stack(single).mean(0))
    assert not torch.allclose(single[0], single[1])


def test_words_are_cut_and_told_apart():
    text = "It's £500, NOW_or never: ÜBER 1234!"
    assert [word for word, _, _ in tokens(text)] == [
        "It's",
        "£",
        "500",
        ",",
        "NOW",
        "_",
        "or",
        "never",
        ":",
        "ÜBER",
        "1234",
        "!",
    ]
    assert all(text[start:end] == word for word, start, end in tokens(text))
    assert [shape(word) for word in ("home", "Home", "HOME", "hOme", "12", "!", "A", "日本")] == [
        0,
        1,
        2,
        3,
        4,
        5,
        1,
        0,
    ]
    assert pieces("aB") == ["<ab", "ab>", "<ab>"] and pieces("08001234567") == ["#11"]
    assert pieces("08001234567", 3) == ["#11", "<0", "<08", "<080"] and pieces("7", 3) == ["#1", "<7"]
    assert hashed("a") == 0xE40C292C  # FNV-1a of its authors' test suite


@pytest.mark.parametrize("text", [*ODD, "word " * 20_000, "😀" * 50_000, "x" * 100_000])
def test_any_text_is_answered_soon(text):
    model = network(KINDS["lstm"])
    began = time.process_time()
    p = model.classify([text])
    assert time.process_time() - began < 2  # what the page promises
    assert p.isfinite().all() and float(p.sum()) == pytest.approx(1)
    assert model.encode("")[0].number == BLANK


def settings(tmp_path, **changes) -> training.TextSettings:
    config = Config(embedding=16, buckets=64, states=12, drop=0.1, **changes.pop("model", {}))
    return training.TextSettings(
        epochs=8, batch_size=16, warmup=5, lr=1e-2, runs=tmp_path / "runs", checkpoints=tmp_path / "out", model=config, **changes
    )  # fmt: skip


@pytest.mark.parametrize(
    "config",
    [{"kind": "rnn", "both": False, "pool": "last"}, {}, {"kind": "cnn", "widths": "2 3"}],
    ids=["rnn", "lstm", "cnn"],
)
def test_every_kind_learns(tmp_path, config):
    found, told = made(), replace(settings(tmp_path, model=config), epochs=16)
    model = training.once(told, found, np.flatnonzero(found.folds > 0))
    texts, y = found.part(found.folds == 0)
    assert (training.answers(model, texts).argmax(1) == y).mean() > 0.75  # chance is a half


def test_texts_of_ones_own_become_a_checkpoint_and_the_same_again(tmp_path):
    found, path = made(), tmp_path / "mine.csv"
    lines = [f'"{text}",{("no", "yes")[label]}' for text, label in zip(found.texts, found.labels, strict=True)]
    path.write_text("text,label\n" + "\n".join(lines), "utf-8")
    told = settings(tmp_path, csv=path, snapshots=4)
    told = replace(told, epochs=2)
    folder = training.train("spam-lstm", told)
    card = Card.read(folder, "folder")
    assert card.name == "text_classifier.mine" and checkpoint.check(folder) < 1e-5
    assert card.tables["learning"].column("texts") == [50, 192]
    assert {metric.name for metric in card.metrics} >= {"accuracy", "accuracy_folds", "recall_few_false", "majority"}
    assert len(card.numbers["found"]) == 400 and len(card.history["moments"][-1]["texts"]) == reading.OWN
    before = (folder / "model.safetensors").read_bytes()
    training.train("spam-lstm", replace(told, unfit="afresh", runs=tmp_path / "again"))
    assert (folder / "model.safetensors").read_bytes() == before
    with pytest.raises(ValueError, match="not both"):
        training.train("spam-lstm", replace(told, text_folder=tmp_path))


def test_verifying_trains_as_the_variant_was(tmp_path):
    data = Made(4)
    model = network(replace(SMALL, classes=4))
    with pytest.raises(ValueError, match="no variant"):
        training._settings(model, data)


def test_answers_that_lean_are_settled_network_by_network():
    model, (texts, y) = network(KINDS["three"]), (TEXTS * 4, torch.tensor([0] * 10 + [1] * 7 + [2] * 3))
    for i, one in enumerate(model.networks):
        one.head.bias += torch.tensor([0.0, 2.0 - i, 1.0])
    before = [training.answers(training.alone(model, i), texts) for i in range(3)]
    training.settled(model, texts, y)
    for i, was in enumerate(before):
        now = training.answers(training.alone(model, i), texts)
        shift = now - now[:, :1] - (was - was[:, :1])  # of the log-odds
        assert np.allclose(shift, shift[:1], atol=1e-5)  # the same for all texts
        shares = torch.from_numpy(now).softmax(1).mean(0)
        torch.testing.assert_close(shares, torch.tensor([0.5, 0.35, 0.15]), atol=1e-4, rtol=0)


def test_figures_of_folds_are_what_they_say():
    y = np.array([0, 0, 1, 1, 0, 1])
    logits = np.array([[1, 0], [0, 1], [0, 2], [0, 3], [5, 0], [0, 0.5]])  # one wanted message taken for the other
    folds = [(logits[:3], y[:3]), (logits[3:], y[3:])]
    found = {m.name: m.value for m in reading.on_folds(folds, Made(), "somehow", tolerance=0.1)}
    assert found["accuracy_folds"] == pytest.approx((200 / 3 + 100) / 2) and found["majority"] == 50
    assert found["f1_folds"] == pytest.approx((2 / 3 + 1) / 2) and found["recall_few_false"] == pytest.approx(200 / 3)
    assert {m.name: m.value for m in reading.on_test(logits, y, Made(), tolerance=0.1)}["accuracy"] == pytest.approx(
        500 / 6
    )


def test_what_kind_of_text_it_is(need):
    need("kinds")
    found = kinds.messages()
    assert len(set(found.texts)) == len(found.texts) and np.bincount(found.labels).min() > 4000
    assert not {
        text for text, label in zip(found.texts, found.labels, strict=True) if label == 3 and not 20 <= len(text) <= 300
    }
