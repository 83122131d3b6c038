"""Word vectors learn what stands near what, by the paper's loss, and answer whatever they are asked."""

import itertools
import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from train import word2vec as training
from train.word2vec.corpus import Batches, Corpus, kept_back, noise_of, vocabulary
from train.word2vec.questions import PAIRS, questions
from train.word2vec.tables import answered, share, tables
from zoo import checkpoint
from zoo.data import speeches
from zoo.models.word2vec import Config, UnknownWord, Word2Vec, tokens

WORDS = ("king", "queen", "man", "woman", "war", "peace", "don't", "über")
ODD = ["", " ", "x" * 100_000, "😀", "\u200b\u200b", "مرحبا", "king queen", "<b>king</b>", "\n", "0", "can't"]


def filled(model: Word2Vec, words=WORDS, seed: int = 0) -> Word2Vec:
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(torch.randn(p.shape, generator=generator))
    model.vocabulary.copy_(torch.frombuffer(bytearray("\n".join(words).encode()), dtype=torch.uint8))
    return model.eval().requires_grad_(False)


def small(**changes) -> Word2Vec:
    letters = len("\n".join(WORDS).encode())
    config = Config(words=len(WORDS), letters=letters, dims=5, periods="1800 1900 2000", moving=6, noise=3, prior=0.01)
    return filled(Word2Vec(replace(config, **changes)))


def naive(model: Word2Vec, x: Tensor, period: Tensor, reach: Tensor, negatives: Tensor) -> float:
    """The loss by loops, from the paper's formula."""
    v, u, d = model.vector_of.tolist(), model.context_of.tolist(), model.offset_of.tolist()
    total, pairs = 0.0, 0
    for row, p, widths in zip(x.tolist(), period.tolist(), reach.tolist(), strict=True):
        for i, j in itertools.product(range(len(row)), repeat=2):
            if i == j or abs(i - j) > widths[i] or row[i] < 0 or row[j] < 0:
                continue
            centre = v[row[i]]
            if row[i] < model.config.moving:
                centre = [a + b for a, b in zip(centre, d[p][row[i]], strict=True)]

            def score(word, centre=centre):
                return sum(a * b for a, b in zip(centre, u[word], strict=True))

            total += math.log1p(math.exp(-score(row[j])))
            noise = [math.log1p(math.exp(score(n))) for n in negatives.tolist()]
            total += model.config.noise * sum(noise) / len(noise)
            pairs += 1
    return total / pairs


def test_the_loss_is_the_papers():
    model = small()
    x = torch.tensor([[0, 1, 2, 7, 4, 5], [6, 7, 3, 3, -1, -1]])
    arguments = x, torch.tensor([0, 2]), torch.tensor([[1, 2, 3, 1, 2, 5], [2, 1, 1, 3, 2, 2]]), torch.tensor([3, 3, 7])
    losses = model(*arguments)
    assert float(losses["pairs"]) == pytest.approx(naive(model, *arguments), rel=1e-5)
    prior = 0.01 * float((model.offset_of**2).sum())
    assert float(losses["loss"] - losses["pairs"]) == pytest.approx(prior, rel=1e-4)


def test_a_row_does_not_depend_on_what_is_beyond_its_end():
    model, period, negatives = small(), torch.tensor([1]), torch.arange(4)
    x = torch.tensor([[4, 5, 0, 2]])
    longer = torch.cat([x, torch.full((1, 5), -1)], 1)
    alone, padded = (float(model(part, period, torch.full(part.shape, 9), negatives)["pairs"]) for part in (x, longer))
    assert alone == pytest.approx(padded, rel=1e-6)


def test_without_offsets_every_period_is_all_time():
    model = small()
    assert not torch.equal(model.vector("king", 0), model.vector("king"))
    assert torch.equal(model.vector("über", 0), model.vector("über"))  # too rare to move
    model.offset_of.zero_()
    for period in range(3):
        torch.testing.assert_close(model.table(period), model.table())
        assert model.neighbours("war", 3, period) == model.neighbours("war", 3)


def test_a_year_is_in_the_period_that_began_last():
    model = small()
    assert [model.period(year) for year in (1500, 1800, 1899, 1900, 1999, 2000, 2500)] == [0, 0, 0, 1, 1, 2, 2]


def test_neighbours_are_the_largest_cosines():
    model = small()
    for word in WORDS:
        a = model.vector(word)
        cosines = {
            other: float(torch.cosine_similarity(a, model.vector(other), dim=0)) for other in WORDS if other != word
        }
        wanted = sorted(cosines, key=lambda other: -cosines[other])
        found = model.neighbours(word, 100)
        assert [other for other, _ in found] == wanted
        assert [value for _, value in found] == pytest.approx([cosines[other] for other in wanted], abs=1e-5)
    assert model.neighbours(model.vector("war"), 1)[0][0] == "war"


def test_the_words_of_an_analogy_are_no_answers():
    model = small()
    given = ("king", "woman", "man")
    found = model.analogy(given[:2], given[2:], 100)
    assert len(found) == len(WORDS) - 3 and not set(given) & {word for word, _ in found}
    unit = {word: torch.nn.functional.normalize(model.vector(word), dim=0) for word in WORDS}
    asked = unit["king"] - unit["man"] + unit["woman"]
    best = max(set(WORDS) - set(given), key=lambda word: float(torch.cosine_similarity(asked, unit[word], dim=0)))
    assert found[0][0] == best
    assert model.analogy(["king"], ["king"], 1)  # nothing is left of it: any word is as near
    with pytest.raises(ValueError, match="needs a word"):
        model.analogy([], [])


@pytest.mark.parametrize("word", ODD)
def test_odd_words_are_refused_clearly(word):
    with pytest.raises(UnknownWord, match="is not among the 8 words") as refused:
        small().vector(word)
    assert len(str(refused.value)) < 200


def test_a_misspelt_word_is_told_what_is_like_it():
    model = small()
    with pytest.raises(UnknownWord, match="spelled most like it: woman"):
        model.neighbours("womann")
    assert torch.equal(model.vector(" KING "), model.vector("king"))
    assert torch.equal(model.vector("don’t"), model.vector("don't"))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The nation’s law, 1789: don't!", ["the", "nation", "law", "don't"]),
        ("It's X-ray; états_unis", ["it", "x", "ray", "états", "unis"]),
        ("", []),
        ("12 ...", []),
    ],
)
def test_words_are_cut_out_of_a_text(text, wanted):
    assert tokens(text) == wanted


# --- training ---


def made(sentences: int = 400) -> list[tuple[int, str]]:
    """Texts in which a and b words stand apart, and 'bank' changes sides from one period to the next."""
    generator = torch.Generator().manual_seed(0)
    sides = [[f"{side}{c}{d}" for c in "abcde" for d in "abcde"] for side in "xy"]
    texts = []
    for year in (1800, 1900):
        said = []
        for i in range(sentences):
            side = sides[i % 2]
            words = [side[j] for j in torch.randint(len(side), (8,), generator=generator).tolist()]
            if i % 2 == (year == 1900):
                words[4] = "bank"
            said.append(" ".join(words))
        texts += [(year, line) for line in said]
    return texts


SETTINGS = training.Word2VecSettings(
    data="made", epochs=15, batch_size=16, lr=0.02, warmup=5, snapshots=0, run=8, negatives=32, often=1.0,
    model=Config(words=60, dims=12, periods="1800 1900", moving=60, prior=1e-4),
)  # fmt: skip


@pytest.fixture(scope="module")
def learnt(tmp_path_factory):
    """A model of made texts, and what it learnt from."""
    texts = made()
    settings = replace(SETTINGS, runs=tmp_path_factory.mktemp("runs"))
    model, settings = training.untrained(texts, settings)
    corpus = Corpus.of(model, texts)
    batches = training.batches_of(corpus, settings)
    model, _ = training.fit("word2vec.made", model, batches, batches.size, settings, data="made")
    return model, corpus


def test_words_that_stand_together_come_together(learnt):
    model, corpus = learnt
    for word in ("xab", "yab"):
        near = [other for other, _ in model.neighbours(word, 12) if other != "bank"]
        assert sum(other[0] == word[0] for other in near) >= len(near) - 1
    noise = noise_of(corpus.counts(len(model.words)))
    fresh, _ = training.untrained(made(), SETTINGS)
    assert training.loss_of(model, corpus, noise)[0] < training.loss_of(fresh, corpus, noise)[0] - 0.1


def test_a_word_that_changes_sides_moves(learnt):
    model, corpus = learnt
    sides = [[word[0] for word, _ in model.neighbours("bank", 6, period)] for period in (0, 1)]
    assert set(sides[0]) == {"x"} and set(sides[1]) == {"y"}
    table = tables(model, corpus)["moved"]
    assert table.rows[0][0] == "bank"
    noise = noise_of(corpus.counts(len(model.words)))
    assert training.loss_of(model, corpus, noise)[0] < training.loss_of(model, corpus, noise, periods=False)[0]


def test_the_measured_loss_is_that_of_loops():
    model = small()
    corpus = Corpus(torch.tensor([0, 1, 2, 7, 4, 5, 6]), torch.tensor([0, 0, 0, 0, 0, 1, 1]), torch.tensor([0, 2]))
    noise = noise_of(corpus.counts(len(WORDS)))
    total = pairs = 0
    for i, j in itertools.product(range(7), repeat=2):
        if i != j and abs(i - j) <= training.WINDOW and corpus.text[i] == corpus.text[j]:
            v = model.centres(corpus.words[i], corpus.period[corpus.text[i]])
            total -= float(torch.log(torch.sigmoid(v @ model.context_of[corpus.words[j]])))
            total -= 3 * float((torch.log(torch.sigmoid(-model.context_of @ v)) * noise).sum())
            pairs += 1
    assert training.loss_of(model, corpus, noise) == (pytest.approx(total / pairs, rel=1e-5), pairs)


def test_batches_hold_words_in_order_and_never_of_two_texts():
    corpus = Corpus(torch.arange(100), (torch.arange(100) >= 37).long(), torch.tensor([0, 1]))
    batches = Batches(corpus, 100, run=16, window=3, often=1.0, negatives=7)
    for step in range(50):
        torch.manual_seed(step)
        x, period, reach, negatives = batches(torch.arange(batches.size))
        assert x.shape == reach.shape and period.shape == (batches.size,) and negatives.shape == (7,)
        assert reach.min() >= 1 and reach.max() <= 3
        for row, p in zip(x.tolist(), period.tolist(), strict=True):
            words = [word for word in row if word >= 0]
            assert words == list(range(words[0], words[0] + len(words))) and row[: len(words)] == words
            assert {int(word >= 37) for word in words} == {p}


def test_frequent_words_are_left_out_as_often_as_is_said():
    corpus = Corpus(torch.tensor([0] * 900 + [1] * 100), torch.zeros(1000, dtype=torch.long), torch.tensor([0]))
    batches = Batches(corpus, 2, run=1000, window=1, often=0.1, negatives=1)
    torch.testing.assert_close(batches.keep, torch.tensor([(0.1 / 0.9) ** 0.5, 1.0]))
    assert noise_of(corpus.counts(2))[0] == pytest.approx(900**0.75 / (900**0.75 + 100**0.75))


def test_a_text_of_few_words_is_refused():
    with pytest.raises(ValueError, match="3 words that stand there twice"):
        vocabulary([(0, "a b c a b c d")], 100)
    kept, back = kept_back([(year, "") for year in range(10)], 3)
    assert [year for year, _ in back] == [0, 3, 6] and len(kept) == 7


def test_any_text_can_be_learnt_from(tmp_path, monkeypatch):
    text = "\n".join(line for _, line in made(200))
    (tmp_path / "mine.txt").write_text(text)
    settings = replace(
        SETTINGS,
        epochs=1,
        snapshots=3,
        text=tmp_path / "mine.txt",
        runs=tmp_path / "runs",
        checkpoints=tmp_path / "kept",
    )
    monkeypatch.setattr(training, "extras", lambda model, corpus: {"said": torch.zeros(1)})  # maps take a minute
    folder = training.train("speeches", settings)
    assert folder == tmp_path / "kept" / "word2vec.mine"
    model = checkpoint.read(folder)
    assert model.starts == () and len(model.words) > 40
    assert torch.equal(model.table(0), model.table())


# --- questions ---


def test_questions_of_a_split_share_no_pair_with_the_other():
    known = {word for listed in PAIRS.values() for word in listed.replace(",", "").split()}
    found = {split: questions(known, split) for split in ("test", "validation")}
    pairs = {
        split: {q[i : i + 2] for part in asked.values() for q in part for i in (0, 2)} for split, asked in found.items()
    }
    assert not pairs["test"] & pairs["validation"]
    for asked in found.values():
        listed = [q for part in asked.values() for q in part]
        assert len(listed) == len(set(listed)) == 200
        assert max(map(len, asked.values())) - min(map(len, asked.values())) <= 1
        assert all(len(set(q)) == 4 or q[0] in q[2:] or q[1] in q[2:] for q in listed)
    assert questions([]) == {}


def test_the_place_of_an_answer_is_counted_without_the_words_given():
    table = torch.nn.functional.normalize(torch.randn(6, 4, generator=torch.Generator().manual_seed(1)), dim=1)
    words = list("abcdef")
    (ranks,) = answered(table, words, {"x": [("a", "b", "c", other) for other in "def"]}).values()
    assert sorted(ranks) == [1, 2, 3]
    assert share(ranks, 1) == pytest.approx(100 / 3) and share([], 1) == 0


# --- the addresses ---


def test_addresses_are_free_of_what_others_said():
    text = (
        "The President. Thank you. [Laughter]  Please. (Applause.)\n\nAudience members. Four more years!\n\n"
        "The President. I will [sign; White House correction] it [at last]. (It was due.) [At this point, he sat down.]"
    )
    assert speeches.said(text).split() == [
        "Thank",
        "you.",
        "Please.",
        "I",
        "will",
        "sign",
        "it",
        "at",
        "last.",
        "(It",
        "was",
        "due.)",
    ]


def test_addresses_are_split_whole(need):
    module = need("speeches")
    parts = {split: module.addresses(split) for split in ("train", "test")}
    assert {split: len(found) for split, found in parts.items()} == {"train": 286, "test": 28}
    years = {split: {(one.speaker, one.year) for one in found} for split, found in parts.items()}
    assert not years["train"] & years["test"]
    assert {one.kind for found in parts.values() for one in found} == {
        "sotu",
        "sotu-written",
        "sotu-related",
        "inaugural",
        "joint-session",
    }
    assert all(one.text and 1789 <= one.year <= 2026 for found in parts.values() for one in found)
    text = module.load("test")
    assert all(one.text in text for one in parts["test"]) and "[Laughter]" not in text and "Audience member" not in text
    with pytest.raises(ValueError, match="split must be"):
        module.addresses("validation")
