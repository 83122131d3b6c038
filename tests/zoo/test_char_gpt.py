"""char-GPT: what a character may see, the cache, the sliding window, sampling, texts."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.special import softmax

from playground.demos.writing_desk import tokens, writing
from train import char_gpt as training
from zoo.models.char_gpt import CharGPT, Config
from zoo.models.char_gpt.model import Dropout, rotate
from zoo.models.char_gpt.writing import Writer
from zoo.nn import uniform
from zoo.writing import Sampling, UnknownCharacters, choose, distribution, nearest

SMALL = Config(window=24, layers=2, heads=2, width=32, dropout=0.0)


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    model = CharGPT(SMALL)
    for p in model.parameters():  # also those that start at zero
        torch.nn.init.normal_(p, std=0.3)
    return model.eval().requires_grad_(False)


def characters(n: int, rows: int = 2, seed: int = 0) -> torch.Tensor:
    return torch.randint(len(SMALL.chars), (rows, n), generator=torch.Generator().manual_seed(seed))


def test_the_future_changes_nothing(model):
    x = characters(20)
    other = x.clone()
    other[:, 12:] = characters(20, seed=1)[:, 12:]
    a, b = model.logits(x), model.logits(other)
    torch.testing.assert_close(a[:, :12], b[:, :12], atol=1e-5, rtol=0)
    assert (a[:, 12] - b[:, 12]).abs().max() > 0.01


@pytest.mark.parametrize("prompt", [1, 5, 24, 25, 60])
def test_writing_step_by_step_expects_what_a_full_pass_does(model, prompt):
    x = characters(70, 1)
    full = model.logits(x)[0].numpy()
    writer = Writer(model, x[0, :prompt], 2)
    for i in range(prompt, 70):
        np.testing.assert_allclose(writer.logits, full[[i - 1, i - 1]], atol=2e-4)
        writer.step(np.repeat(x[0, i].numpy(), 2))
    assert writer.length == 70


def test_beyond_the_window_nothing_older_is_seen(model):
    """A pass with the sliding mask, written out as attention over all pairs."""
    x, window = characters(60, 1), SMALL.window
    h = F.layer_norm(model.embedding(x), (SMALL.width,))
    age = torch.arange(60)[:, None] - torch.arange(60)
    seen = (age >= 0) & (age < window)
    for layer in model.layers:
        q, k, v = layer.attention.project(F.layer_norm(h, (SMALL.width,)), model.turn(torch.arange(60)))
        scores = (q @ k.mT / q.shape[-1] ** 0.5).masked_fill(~seen, -torch.inf).softmax(-1)
        h = h + layer.attention.out((scores @ v).transpose(1, 2).reshape(1, 60, -1))
        h = h + layer.leave(F.relu(layer.enter(F.layer_norm(h, (SMALL.width,)))).square())
    expected = 15 * torch.tanh(model.head(F.layer_norm(h, (SMALL.width,))) / 15)
    torch.testing.assert_close(model.logits(x), expected, atol=1e-4, rtol=0)
    older = x.clone()
    older[0, 0] = (x[0, 0] + 1) % len(SMALL.chars)
    # Two layers: the first character can reach at most 2 * 23 places.
    assert torch.equal(model.logits(older)[0, 50:], model.logits(x)[0, 50:])
    assert not torch.equal(model.logits(older)[0, 5], model.logits(x)[0, 5])


def test_positions_are_relative(model):
    """Rotary positions: the same text moved along gives the same attention, so there is no last position."""
    q, k = torch.randn(2, 1, 2, 1, 16)

    def score(i, j):
        a, b = (rotate(t, model.turn(torch.tensor([n]))) for t, n in ((q, i), (k, j)))
        return (a * b).sum(-1)

    torch.testing.assert_close(score(9, 4), score(1009, 1004), atol=1e-3, rtol=0)
    assert (score(9, 4) - score(9, 5)).abs().max() > 1e-3


def test_attention_sums_to_one_and_looks_back_only(model):
    found = model.attention("To be, or not to be")
    assert found.shape == (2, 2, 19, 19)
    torch.testing.assert_close(found.sum(-1), torch.ones(2, 2, 19))
    assert (found.triu(1) == 0).all()


def test_bits_are_the_loss(model):
    text = "O Romeo, Romeo"
    x = model.encode("\n" + text)
    loss = model(x[None, :-1], x[None, 1:])["loss"]
    assert float(model.bits(text).mean()) == pytest.approx(float(loss) / np.log(2), rel=1e-5)


# Writing


def test_a_seed_gives_its_text_alone_and_among_others(model):
    three = model.sample(3, seed=5, prompt="ROMEO:", length=60)
    assert three[0] == model.write("ROMEO:", 60, seed=5)
    assert three[2] == "".join(model.stream("ROMEO:", 60, seed=5, start=2))
    assert len(set(three)) == 3 and len(three[0]) == 60
    assert model.write("ROMEO:", 60, seed=6) != three[0]


def test_the_probabilities_are_those_that_the_character_was_drawn_from(model):
    options = {"seed": 2, "temperature": 0.7, "top_k": 5}
    text = ""
    for c, p in model.trace("To be", 8, **options):
        logits = model.logits(model.encode("To be" + text)[None])[:, -1].numpy()
        np.testing.assert_allclose(p, distribution(logits, Sampling(temperature=0.7, top_k=5))[0], atol=1e-4)
        assert p[SMALL.chars.index(c)] > 0 and (p > 0).sum() == 5
        text += c
    assert text == model.write("To be", 8, **options)


def test_dropout_drops_its_share_and_keeps_the_mean():
    torch.manual_seed(0)
    dropout = Dropout(0.3)
    x = torch.ones(1000, 101, requires_grad=True)
    y = dropout(x)
    assert float((y == 0).float().mean()) == pytest.approx(77 / 256, abs=0.005)
    assert float(y.detach().mean()) == pytest.approx(1, abs=0.01)
    y.sum().backward()
    assert torch.equal(x.grad, y.detach())
    assert dropout.eval()(x) is x
    columns = (y == 0).float().mean(0)
    assert (columns - 77 / 256).abs().max() < 0.08  # no byte of a draw is special


def test_a_stop_ends_the_text(model):
    text = model.write("ROMEO:", 60, seed=5)
    assert model.write("ROMEO:", 60, seed=5, stop=text[20:23]) == text[: text.index(text[20:23]) + 3]


def test_streams_of_two_people_do_not_mix(model):
    alone = [model.write(prompt, 50, seed=seed) for prompt, seed in (("A", 1), ("To be", 2))]
    streams = [model.stream(prompt, 50, seed=seed) for prompt, seed in (("A", 1), ("To be", 2))]
    together = list(itertools.zip_longest(*streams))
    assert ["".join(row) for row in zip(*together, strict=True)] == alone


def test_going_on_equals_writing_at_once(model):
    """Text beyond the window, taken up in the middle, is written by the same rule: greedy, so that no draw differs."""
    whole = model.write("ROMEO:", 20, seed=0, temperature=0)
    again = model.write("ROMEO:" + whole[:10], 10, seed=0, temperature=0)
    assert whole == whole[:10] + again


def test_a_shared_prompt_is_read_once(model, monkeypatch):
    calls = []
    real = CharGPT.logits
    monkeypatch.setattr(CharGPT, "logits", lambda self, x, *rest: calls.append(tuple(x.shape)) or real(self, x, *rest))
    model.sample(4, seed=0, prompt="ROMEO:", length=3)
    assert calls == [(1, 6)]


def test_distributions():
    logits = np.array([[2.0, 1.0, 0.0, -1.0]])
    plain = softmax(logits)
    np.testing.assert_allclose(distribution(logits, Sampling(temperature=1)), plain)
    np.testing.assert_allclose(distribution(logits, Sampling(temperature=0.5)), softmax(2 * logits))
    assert distribution(logits, Sampling(temperature=0)).tolist() == [[1, 0, 0, 0]]
    two = plain * [1, 1, 0, 0]
    np.testing.assert_allclose(distribution(logits, Sampling(1, top_k=2)), two / two.sum())
    np.testing.assert_allclose(distribution(logits, Sampling(1, top_p=0.7)), two / two.sum())  # 0.64 is not enough
    np.testing.assert_allclose(distribution(logits, Sampling(1, min_p=0.3)), two / two.sum())  # of 0.64
    assert distribution(logits, Sampling(1, top_p=0.01)).tolist() == [[1, 0, 0, 0]]
    assert distribution(logits, Sampling(1, min_p=1.0, top_k=3)).tolist() == [[1, 0, 0, 0]]
    tired = distribution(logits, Sampling(1, repetition=2), np.array([[0, 3, -1]]))
    np.testing.assert_allclose(tired, softmax(np.array([[1.0, 1.0, 0.0, -2.0]])))


def test_characters_are_drawn_as_often_as_they_are_likely():
    p = np.broadcast_to([0.6, 0.0, 0.3, 0.1], (40_000, 4))
    share = np.bincount(choose(p, uniform(1, 40_000, seed=3)[0]), minlength=4) / 40_000
    np.testing.assert_allclose(share, p[0], atol=0.01)
    assert share[1] == 0


def test_unknown_characters_are_named_and_replaced(model):
    with pytest.raises(UnknownCharacters, match="'é' '\\['") as caught:
        model.encode("caf\u00e9 [1]\u2026")
    assert caught.value.characters == "\u00e9[1]\u2026"
    assert model.encode(caught.value.replaced).shape == (len("cafe") + 5 + 2,) or caught.value.replaced.startswith(
        "cafe "
    )
    assert nearest("\u201cNa\u00efve\u201d \u2014 \u00c9", SMALL.chars) == "'Naive' - E"
    model.encode(nearest("\u4f60\u597d 7 \U0001f98b", SMALL.chars))


# Training


def test_the_loss_is_the_mean_over_all_places(model):
    x = characters(24 * 3 + 1, 1)[0]
    expected = [model(x[i : i + 24][None], x[i + 1 : i + 25][None])["loss"] for i in (0, 24, 48)]
    assert training.loss_of(model, x, 24, batch=2) == pytest.approx(float(sum(expected)) / 3, rel=1e-5)


def test_a_text_read_in_parts_is_the_text_read_in_one_go(model):
    text = "".join(model.config.chars[i] for i in characters(200, 1)[0])
    whole = float(model.bits(text).double().mean())
    reach = model.config.layers * (model.config.window - 1) + 1
    assert training.in_one_go(model, model.encode(text), part=reach) == pytest.approx(whole, abs=1e-5)


def test_it_learns_a_pattern():
    torch.manual_seed(0)
    model = CharGPT(replace(SMALL, dropout=0.0))
    optimizers = training.optimizers_of(model, model.layers, training.CharGPTSettings())
    text = model.encode("to be or not to be " * 30)
    for _ in range(150):
        start = torch.randint(len(text) - 25, (8, 1)) + torch.arange(25)
        loss = model(text[start][:, :-1], text[start][:, 1:])["loss"]
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
    assert loss.item() < 0.5
    covered = {id(p) for optimizer in optimizers for group in optimizer.param_groups for p in group["params"]}
    assert covered == {id(p) for p in model.parameters()}


def test_what_is_expected_is_what_is_drawn_from():
    """After a beginning longer than a layer's window, and with repetition counted."""
    beginning, how = "To be, or not to be: that is the question. " * 9, Sampling(repetition=1.5)
    _, p = next(writing.trace("char_gpt.shakespeare", beginning, 1, 1, how))
    shown = tokens.expected("char_gpt.shakespeare", beginning, how)
    assert [(c, pytest.approx(q, abs=1e-4)) for c, q in shown] == tokens.likeliest("char_gpt.shakespeare", p)


@pytest.mark.parametrize("name", ["wells.txt", "письма.txt"])
def test_a_text_cannot_take_the_name_of_what_ships(name, tmp_path):
    (tmp_path / name).write_text("Dear friend.\n" * 1000, "utf-8")
    with pytest.raises(ValueError, match="rename it"):
        training.train("shakespeare", training.CharGPTSettings(text=tmp_path / name))
