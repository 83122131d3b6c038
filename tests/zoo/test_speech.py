"""Addresses in pieces of words: any text goes there and back, both networks step as they read, conditions, windows of addresses."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from train import speech as training
from train.speech import measures
from zoo.data import speeches
from zoo.data.speeches import Address
from zoo.models.speech import Config, Speech

SMALL = {"lstm": Config("lstm", 320, layers=2, width=16, embedding=12), "transformer": Config("transformer", 320, layers=2, width=16, heads=2, window=12)}  # fmt: skip
ADDRESSES = tuple(
    Address(f"Speaker {'AB'[i % 2]}", 1795 + 6 * i, "sotu", "".join(f"Fellow citizens, in {1795 + n} we {('built', 'sold')[i % 2]} {n * i % 23} ships.\n\n" for n in range(3 + 6 * i)).strip())
    for i in range(6)
)  # fmt: skip
TEXTS = ["Fellow citizens", "", " two  blanks ", "Zoë – 😀\u200b नमस्ते\n\nनया\tline", "\x00\ud7ff\U0010ffff", "<|end|>"]


@pytest.fixture(scope="module", params=SMALL)
def model(request) -> Speech:
    settings = training.SpeechSettings(model=SMALL[request.param])
    model = training.untrained(ADDRESSES, settings)
    for p in model.parameters():  # also those that start at zero
        torch.nn.init.normal_(p, std=0.2)
    return model.eval().requires_grad_(False)


def test_any_text_goes_there_and_back(model):
    for text in TEXTS[:-1]:
        assert model.decode(model.encode(text)) == text
    frequent = model.encode("Fellow citizens")
    assert len(frequent) < 8 and model.conditions["speaker"] == ("Speaker A", "Speaker B")


def test_writing_step_by_step_expects_what_a_full_pass_does(model):
    x = torch.randint(1, 320, (1, 30), generator=torch.Generator().manual_seed(0))
    given = model.given(speaker="Speaker B", decade={"1790": 0.5, "1800": 0.5})
    full = model.logits(F.pad(x, (1, 0)), given)[0].numpy()
    pen = model.pen(x[0, :4], 2, given=given)
    for i in range(4, 30):
        np.testing.assert_allclose(pen.logits, full[[i, i]], atol=3e-4)
        pen.step(x[0, [i, i]].numpy())
    assert np.abs(full - model.logits(F.pad(x, (1, 0)))[0].numpy()).max() > 0.01
    torch.testing.assert_close(model.logits(x, model.given()), model.logits(x))


def test_a_stream_is_the_sample_of_its_number(model):
    given = model.given(speaker="Speaker A")
    for prompt in ("", "Fellow", "Fellow "):
        together = model.sample(3, seed=4, prompt=prompt, length=25, given=given)
        assert len(set(together)) == 3
        for i in range(3):
            alone = "".join(c for c, _ in model.trace(prompt, 25, seed=4, start=i, given=given))
            assert together[i].startswith(alone)  # which keeps back a character that is not whole
            assert len(together[i]) - len(alone) < 4


def test_guidance_goes_beyond_what_is_told(model):
    x, given = model.encode("Fellow"), model.given(speaker="Speaker B")
    told, withheld = model.pen(x, 2, given=given), model.pen(x, 2)
    guided = model.guided(x, 2, given, 2.5)
    for step in (np.array([5, 7]), np.array([9, 9])):
        np.testing.assert_allclose(guided.logits, withheld.logits + 2.5 * (told.logits - withheld.logits), atol=1e-5)
        for pen in (told, withheld, guided):
            pen.step(step)
    plain, how = model.sample(2, seed=1, length=20, given=given), {"seed": 1, "length": 20, "guidance": 1.0}
    assert model.sample(2, given=given, **how) == plain
    how["guidance"] = 4.0
    assert model.sample(2, given=given, **how) != plain
    assert model.sample(2, **how) == model.sample(2, seed=1, length=20)  # nothing is given


def test_a_blank_before_a_piece_is_written_once():
    settings = training.SpeechSettings(model=SMALL["lstm"])
    model = training.untrained(ADDRESSES, settings).eval()
    place = int(model.encode(" citizens")[0])
    model.network.head.bias.data[place] = 99.0
    assert model.write("Fellow", 1, seed=0) == " citizens" and model.write("Fellow ", 1, seed=0) == "citizens"


def test_whole_addresses_are_measured_however_they_are_cut(model, monkeypatch):
    address = ADDRESSES[-1]
    told = measures.given(model, address)
    monkeypatch.setattr(measures, "CONTEXT", 64)  # more than what any piece sees
    cut = measures.nats(model, address, told)
    x = F.pad(model.encode(address.text), (1, 1))
    whole = F.cross_entropy(model.logits(x[None, :-1], told)[0], x[1:], reduction="sum")
    assert cut == pytest.approx(float(whole), rel=1e-4)
    found = measures.per_character(model, ADDRESSES, speaker=False)
    assert found == pytest.approx(sum(measures.nats(model, one, measures.given(model, one, speaker=False)) for one in ADDRESSES) / np.log(2) / sum(len(one.text) for one in ADDRESSES))  # fmt: skip


@pytest.fixture
def two_presidents(monkeypatch):
    """The reader's presidents are two, of one test address each."""
    test = tuple(replace(one, year=1900 + i) for i, one in enumerate(ADDRESSES[-2:]))
    monkeypatch.setattr(speeches, "addresses", lambda split: ADDRESSES if split == "train" else test)
    for name, value in {"LEAST": 100, "PASSAGE": 120, "SAMPLES": 2, "PIECES": 30}.items():
        monkeypatch.setattr(measures, name, value)
    yield
    for cached in (measures.reader, measures.by_counts):
        cached.cache_clear()


def test_the_reader_tells_presidents_apart(model, two_presidents):
    assert measures.presidents() == ["Speaker B", "Speaker A"]  # of whom more is learnt comes first
    own = {who: measures.passages(ADDRESSES, who) for who in measures.presidents()}
    assert all(len(text) == 120 for texts in own.values() for text in texts)
    assert measures.recognised(own) == 100
    wrong = {"Speaker A": own["Speaker B"], "Speaker B": own["Speaker B"]}
    assert measures.recognised(wrong) == 50
    figures = {metric.name: metric for metric in measures.heard(model)}
    assert figures["heard_real"].value == 100 and figures["heard"].n == figures["heard_plain"].n == 4


def test_counts_are_measured_on_the_same_addresses(two_presidents):
    assert measures.by_counts(4) < measures.by_counts(2) < 5


def test_windows_stay_within_an_address_and_reach_its_ends(model):
    windows = training.Windows(model, ADDRESSES, 32)
    ids = [F.pad(model.encode(one.text), (1, 1)).tolist() for one in ADDRESSES]
    torch.manual_seed(0)
    begun, ended = set(), set()
    for _ in range(60):
        index = torch.randint(windows.size, (8,))
        x, y, given = windows(index)
        assert x.shape == y.shape == (8, 32)
        for row, following, told, i in zip(x.tolist(), y.tolist(), given, windows.address[index].tolist(), strict=True):
            there = [j for j in following if j >= 0]
            whole = [row[0], *there]
            assert any(ids[i][k : k + len(whole)] == whole for k in range(len(ids[i])))
            assert len(there) == min(32, len(ids[i]) - 1)
            torch.testing.assert_close(told, measures.given(model, ADDRESSES[i]))
            begun |= {i} if row[0] == 0 else set()
            ended |= {i} if there[-1] == 0 else set()
    assert begun == ended == set(range(len(ADDRESSES)))


def test_what_the_network_does_not_know_is_withheld(model):
    stranger = Address("Nobody", 1899, "sotu", "Hello.")
    assert not measures.given(model, stranger).any()
    assert measures.given(model, ADDRESSES[0]).sum() == 2
    assert measures.given(model, ADDRESSES[0], speaker=False).sum() == 1


def test_a_kind_that_there_is_not_is_named():
    with pytest.raises(ValueError, match="kind must be 'lstm' or 'transformer'"):
        Speech(replace(SMALL["lstm"], kind="gru"))
