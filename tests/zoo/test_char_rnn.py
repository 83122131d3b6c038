"""Models that write by a state or by counts: one long pass and step by step agree, conditions, lines; what is copied; their data."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from train import char_ngram, char_rnn
from train.char_rnn import measures, names, texts
from zoo import checkpoint, copies
from zoo.card import Card
from zoo.data import first_names
from zoo.models.char_rnn import CharRNN, Config

SMALL = Config(width=12, embedding=6, layers=2, conditions="gender: f|m; origin: US|India")
CELLS = {cell: replace(SMALL, cell=cell) for cell in ("rnn", "gru", "lstm")}
LINES = ["anna", "bo", "christabella", "x"]
TEXT = "".join(f"On day {i * i % 97} the sea was {'calm' if i % 3 else 'grey'}, and nobody came.\n" for i in range(300))


def network(config: Config) -> CharRNN:
    torch.manual_seed(0)
    return CharRNN(config).eval().requires_grad_(False)


def characters(rows: int, length: int) -> torch.Tensor:
    return torch.randint(27, (rows, length), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("config", CELLS.values(), ids=CELLS)
def test_a_state_that_is_handed_on_is_that_of_one_long_pass(config):
    model, x = network(config), characters(3, 50)
    given = torch.stack([model.given(gender="f"), model.given(), model.given(origin={"US": 0.3, "India": 0.7})])
    whole, _ = model.states(x, given)
    first, state = model.states(x[:, :17], given)
    second, _ = model.states(x[:, 17:], given, state)
    torch.testing.assert_close(torch.cat([first, second], 1), whole)


@pytest.mark.parametrize("config", CELLS.values(), ids=CELLS)
@pytest.mark.parametrize("prompt", [1, 9])
def test_writing_step_by_step_expects_what_a_full_pass_does(config, prompt):
    model, x = network(config), characters(1, 40)
    given = torch.stack([model.given(gender="m"), model.given(origin="India")])
    full = model.logits(x.expand(2, -1), given).numpy()
    each, one = model.pen(x[0, :prompt], 2, given=given), model.pen(x[0, :prompt], 3, given=given[1])
    for i in range(prompt, 40):
        np.testing.assert_allclose(each.logits, full[:, i - 1], atol=1e-5)
        np.testing.assert_allclose(one.logits, full[[1, 1, 1], i - 1], atol=1e-5)
        each.step(x[0, [i, i]].numpy())
        one.step(x[0, [i, i, i]].numpy())


def test_the_cells_are_what_the_module_says():
    model = network(replace(SMALL, cell="rnn", layers=1, conditions=""))
    cell, x, h = model.cells[0], characters(1, 20)[0], torch.zeros(12)
    found = model.states(x[None])[0][0]
    for i, one in enumerate(model.embedding(x)):
        h = torch.tanh(cell.weight_ih_l0 @ one + cell.bias_ih_l0 + cell.weight_hh_l0 @ h + cell.bias_hh_l0)
        torch.testing.assert_close(found[i], h)


def test_what_is_withheld_changes_nothing_and_what_is_given_does():
    model, x = network(SMALL), characters(2, 20)
    torch.testing.assert_close(model.logits(x, model.given()), model.logits(x))
    assert (model.logits(x, model.given(gender="f")) - model.logits(x)).abs().max() > 0.01
    half = model.given(gender={"f": 0.5, "m": 0.5})
    torch.testing.assert_close(half, (model.given(gender="f") + model.given(gender="m")) / 2)
    plain = network(replace(SMALL, conditions=""))
    assert plain.condition is None and plain.given().shape == (0,)
    torch.testing.assert_close(plain.logits(x, plain.given()), plain.logits(x))


@pytest.mark.parametrize(
    ("chosen", "said"), [({"age": "9"}, "no condition age: have gender, origin"), ({"origin": "Mars"}, "origin has no Mars: have US, India")]
)  # fmt: skip
def test_what_cannot_be_given_is_named(chosen, said):
    with pytest.raises(ValueError, match=said):
        network(SMALL).given(**chosen)
    with pytest.raises(ValueError, match="cell must be one of rnn, gru, lstm"):
        CharRNN(replace(SMALL, cell="tree"))


def test_in_training_each_condition_is_withheld_as_often_as_is_said():
    model = network(replace(SMALL, withheld=0.25)).train()
    seen = []
    model.logits = lambda x, given: seen.append(given) or torch.zeros(*x.shape, 27)
    given = torch.stack([model.given(gender="f", origin="India")]).expand(4000, -1)
    model(torch.zeros(4000, 1, dtype=torch.int64), torch.zeros(4000, 1, dtype=torch.int64), given)
    (told,) = seen
    shares = told.mean(0)
    assert shares[1] == shares[2] == 0 and (shares[[0, 3]] - 0.75).abs().max() < 0.03
    both = (told[:, 0] * told[:, 3]).mean()
    assert both == pytest.approx(0.75**2, abs=0.03)  # the one without the other


def test_the_second_part_of_the_loss_is_how_often_an_option_is_mistaken():
    """By Bayes' rule from whole lines' likelihoods; lines of which nothing is given do not count."""
    model = network(replace(SMALL, conditions="gender: f|m|x; origin: US|India", tell=0.5, withheld=0.0))
    told = [{"gender": "m", "origin": "US"}, {"gender": "f"}, {"origin": "US"}, {"gender": "x", "origin": "India"}]
    given = torch.stack([model.given(**each) for each in told])
    x, y = model.lines(LINES)
    wanted = []
    for line, each in zip(LINES, told, strict=True):
        if "gender" in each:
            every = torch.cat([model.likelihoods([line], model.given(**{**each, "gender": one})) for one in "fmx"])
            wanted.append(-every.log_softmax(0)["fmx".index(each["gender"])])
    found = model.train()(x, y, given)
    assert float(found["loss"] - found["surprisal"]) == pytest.approx(0.5 * float(torch.stack(wanted).mean()), rel=1e-4)
    evaluated = model.eval()(x, y, given)
    assert evaluated["loss"] == evaluated["surprisal"]


def test_lines_are_as_likely_alone_as_together_and_their_surprisal_adds_up():
    model = network(SMALL)
    given = model.given(gender="m", origin="US")
    together = model.likelihoods(LINES, given)
    torch.testing.assert_close(together, torch.cat([model.likelihoods([line], given) for line in LINES]))
    bits = torch.stack([model.bits(f"{line}\n", given).sum() for line in LINES])
    torch.testing.assert_close(together, -bits * math.log(2))
    x, y = model.lines(LINES)
    loss = model(x, y, given.expand(4, -1))["loss"]
    assert float(loss) == pytest.approx(-float(together.sum()) / sum(len(line) + 1 for line in LINES), rel=1e-5)
    assert measures.nats(model, LINES, given.expand(4, -1)) == pytest.approx(float(loss), rel=1e-5)


def test_a_text_is_measured_in_one_go_however_it_is_cut():
    model = network(replace(SMALL, conditions=""))
    text = "".join(LINES * 9)
    for part in (7, 4096):
        torch.testing.assert_close(measures.bits(model, text, part=part), model.bits(text), atol=1e-4, rtol=0)


def test_what_can_be_followed_in_a_text():
    text = 'A "bc" d.\n(e) Fg'
    marks = {title: follow(text) for title, follow in texts.FOLLOWED.items()}
    assert marks["inside quotation marks"].tolist() == [0, 0, 1, 1, 1] + [0] * 11
    assert marks["inside parentheses"].tolist() == [0] * 10 + [1, 1] + [0] * 4
    assert marks["characters since the paragraph began"].tolist() == [*range(9), *range(7)]
    assert marks["characters of the word so far"][-2:].tolist() == [1, 2]


def test_the_cell_that_follows_something_is_found(monkeypatch):
    model = network(replace(SMALL, conditions="", chars="".join(sorted(set(TEXT)))))
    trail = model.trail(TEXT[:40])
    for t in (1, 40):
        _, state = model.states(model.encode("\n" + TEXT[:t])[None])
        torch.testing.assert_close(trail[t - 1], state[-1][1][0, 0], atol=1e-5, rtol=0)
    follows = {"cell 7": lambda text: -model.trail(text)[:, 7].numpy(), "nothing": lambda text: np.zeros(len(text))}
    monkeypatch.setattr(texts, "FOLLOWED", follows)
    (row,) = texts.cells(model, TEXT[:500], TEXT[500:900]).rows
    assert row[:2] == ("cell 7", 7) and row[2] == pytest.approx(-1)


# --- training ---


def test_lines_of_a_rare_option_are_repeated():
    known = np.array([[0, 0]] * 30 + [[1, 0]] * 30 + [[0, 1]] * 5)
    rows = char_rnn.repeated(known, 0.25)
    assert np.bincount(rows).tolist() == [1] * 60 + [4] * 5  # 20 of 80
    for plain in (
        char_rnn.repeated(known, 0.0),
        char_rnn.repeated(known[:, :0], 0.25),
        char_rnn.repeated(known[:60], 0.25),
    ):
        assert plain.tolist() == list(range(len(plain))) and len(plain) in (60, 65)


def settings(tmp_path, **changes):
    own = {"epochs": 4, "batch_size": 16, "warmup": 5, "lr": 1e-2, "snapshots": 3, "runs": tmp_path / "runs", "checkpoints": tmp_path / "out"}  # fmt: skip
    return char_rnn.CharRNNSettings(**{**own, "model": Config(width=24, embedding=8), **changes})


def test_lines_and_texts_of_ones_own_become_checkpoints(tmp_path):
    (tmp_path / "plants.txt").write_text(
        "\n".join(f"{a}{b}ea" for a in "abcdefghijklmnopqrst" for b in "klmnopqrstuvwx")
    )
    (tmp_path / "days.txt").write_text(TEXT)
    for told, start in (
        ({"lines": tmp_path / "plants.txt"}, 3.3),
        ({"text": tmp_path / "days.txt", "window": 32}, 3.6),
    ):
        folder = char_rnn.train("names", settings(tmp_path, **told))
        card = Card.read(folder, "folder")
        assert card.name == f"char_rnn.{(told.get('lines') or told['text']).stem}"
        assert checkpoint.check(folder) < 1e-5
        measured = {metric.name: metric.value for metric in card.metrics}
        assert measured["loss"] == pytest.approx(measured["bits"] * math.log(2)) and measured["loss"] < start - 1
        losses = [moment["held_out"] for moment in card.history["moments"]]
        assert losses[-1] < losses[0] and set(card.history["moments"][-1]["texts"])
        learnt = checkpoint.extras(folder)["known"].numpy()
        stood = ["akea", "tmea"] if "lines" in told else copies.windows(TEXT[:60], copies.WINDOW)
        assert not copies.new(stood, learnt).any() and copies.new(["zzzzzzzzzzzz"], learnt).all()
    with pytest.raises(ValueError, match="not both"):
        char_rnn.train("names", settings(tmp_path, lines=tmp_path / "a", text=tmp_path / "b"))
    own = char_ngram.CharNgramSettings(runs=tmp_path / "runs", checkpoints=tmp_path / "out", text=tmp_path / "days.txt")
    card = Card.read(char_ngram.train("emerson", own), "folder")
    assert card.name == "char_ngram.days" and len(card.history["moments"]) == 7 and checkpoint.check(card.folder) < 1e-5


def test_a_gender_that_letters_tell_is_told(monkeypatch):
    """Made names: one gender's end in a, the other's in o, and in one origin all begin with z."""
    rng = np.random.default_rng(0)
    made = ["".join(rng.choice(list("bdgklmnrst"), 2)) + "e" + rng.choice(list("lmnr")) for _ in range(800)]
    known = rng.integers(2, size=(800, 2))
    found = [f"{'z' if o else ''}{name}{'ao'[g]}" for name, (g, o) in zip(made, known, strict=True)]
    parts = {"train": (found[:600], known[:600]), "test": (found[600:], known[600:])}
    monkeypatch.setattr(first_names, "load", parts.get)
    monkeypatch.setattr(first_names, "births", lambda split: np.full(len(parts[split][0]), 1000))
    monkeypatch.setattr(first_names, "every", lambda: frozenset(found))
    for cached in (names.listener, names._grams, names.limit):
        cached.cache_clear()
    torch.manual_seed(0)
    model = CharRNN(replace(SMALL, layers=1, width=32))
    batch, _ = char_rnn.of_lines(model, *parts["train"])
    optimizer = torch.optim.Adam(model.parameters(), 0.02)
    for _ in range(120):
        loss = model(*batch(torch.randint(600, (64,))))["loss"]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    measured = {m.name: m.value for m in [*names.gender(model.eval()), *names.heard(model)]}
    assert all(measured[f"gender_{origin}{by}"] > 95 for origin in ("US", "India") for by in ("", "_letters"))
    assert measured["heard_US"] > 90 and measured["heard_India"] > 90
    assert 0 < measured["new"] < 100 and measured["plausible"] > 60
    for cached in (names.listener, names._grams, names.limit):
        cached.cache_clear()


def test_what_overlaps_is_counted_once():
    text = "abcdefghijklmnopqrstuvwxyz"
    learnt = copies.known([text[:12], text[6:18], text[7:19]])
    assert copies.copies(text, learnt, 12) == [(0, 12), (6, 19)]
    longest, share = texts.copied([text, "z" * 26], learnt)
    assert longest == 13 / 2 and share == pytest.approx(100 * 19 / 52)
