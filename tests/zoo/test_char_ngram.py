"""Models that count: Kneser and Ney's smoothing by another way; what every writer can do; contexts, and what is copied."""

import math
from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.zoo.test_char_rnn import LINES, SMALL, TEXT, network
from train import char_ngram
from train.char_rnn import texts
from train.core.contexts import by_context
from zoo import copies
from zoo.models.char_ngram import CharNgram
from zoo.writing import Writes


@pytest.fixture(scope="module")
def grams() -> CharNgram:
    return char_ngram.counted([TEXT], 4, "".join(sorted(set(TEXT) | {"\n"})))


def kneser_ney(text: str, order: int, chars: str) -> object:
    """p(x | context) by dictionaries, as Chen and Goodman write it."""
    padded = "\n" * (order - 1) + text
    levels = [Counter(padded[i : i + order] for i in range(len(padded) - order + 1))]
    for _ in range(order - 1):
        before = defaultdict(set)
        for gram in levels[0]:
            before[gram[1:]].add(gram[0])
        levels.insert(0, Counter({gram: len(found) for gram, found in before.items()}))
    amounts = []
    for counts in levels:
        r = Counter(counts.values())
        y = r[1] / (r[1] + 2 * r[2])
        found = [n - (n + 1) * y * r[n + 1] / r[n] if r[n] else n / 2 for n in (1, 2, 3)]
        amounts.append([d if 0 < d < n else n / 2 for n, d in enumerate(found, 1)])

    def p(context: str, x: str, n: int = order) -> float:
        if n == 0:
            return 1 / len(chars)
        own = context[len(context) - n + 1 :]
        follow = {gram[-1]: count for gram, count in levels[n - 1].items() if gram[:-1] == own}
        if not follow:
            return p(context, x, n - 1)
        total, discount = sum(follow.values()), amounts[n - 1]
        count = follow.get(x, 0)
        given_up = sum(discount[min(c, 3) - 1] for c in follow.values())
        kept = max(0.0, count - discount[min(count, 3) - 1]) if count else 0.0
        return (kept + given_up * p(context, x, n - 1)) / total

    return p


def test_counts_are_smoothed_as_kneser_and_ney_do(grams):
    text, chars = TEXT[:2000], grams.config.chars
    model, p = char_ngram.counted([text], 4, chars), kneser_ney(text, 4, chars)
    for said in ("On day 1", "the sea was g", "zzz", "qcame", "\n"):
        said = "".join(c for c in said if c in chars)
        found = model.logits(model.encode(f"\n{said}")[None])[0, -1].exp()
        wanted = torch.tensor([p(("\n\n\n" + said)[-3:], x) for x in chars])
        torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-7)
        assert float(found.sum()) == pytest.approx(1, abs=1e-4)


def test_counts_agree_with_themselves(grams):
    text = TEXT[500:900]
    x = grams.encode("\n" + text)
    logits = grams.logits(x[None, :-1])[0]
    torch.testing.assert_close(
        grams.bits(text), -logits[torch.arange(len(text)), x[1:]] / math.log(2), atol=1e-4, rtol=0
    )
    pen = grams.pen(x[:5], 2)
    for i in range(5, 60):
        np.testing.assert_allclose(pen.logits, logits[[i - 1, i - 1]].numpy(), atol=1e-5)
        pen.step(x[[i, i]].numpy())
    shorter = char_ngram.counted([TEXT], 2, grams.config.chars)
    assert grams.bits(text).mean() < shorter.bits(text).mean() < math.log2(len(grams.config.chars))


def test_what_is_not_known_of_the_context_is_left_out(grams):
    """As a shorter context is, in counts of which nothing stood before."""
    for said in ("a", "se"):
        found = grams.following(grams.encode(said)[None])[0].exp()
        every = grams.encode("".join(c for c in grams.config.chars))
        contexts = torch.cat([torch.full((3 - len(said),), -1), grams.encode(said)])
        torch.testing.assert_close(found, grams.probability(contexts, every).float())
        assert float(found.sum()) == pytest.approx(1, abs=1e-4)
    begun = grams.logits(grams.encode("\n")[None])[0, -1].exp()
    assert float((begun - grams.following(grams.encode("\n")[None])[0].exp()).abs().max()) < 1e-6
    assert grams.config.chars[int(begun.argmax())] == "O"  # all lines begin with On


def test_what_is_shown_of_the_context_is_counted(grams):
    """A model of four characters gains nothing from more than three before."""
    table = by_context(lambda length: grams, TEXT[:6000])
    shown, bits = table.column("characters shown"), table.column("surprisal")
    assert shown == [1, 2, 4, 8, 16, 32, 64, 128, 256] and bits[0] > bits[1] > bits[2]
    assert bits[2:] == pytest.approx([bits[2]] * 7)
    found = grams.bits(TEXT[:6000])[256:].mean()
    assert bits[-1] == pytest.approx(float(found), rel=0.05)  # 4,000 of its 5,744 characters


def writers() -> dict[str, Writes]:
    text = "".join(LINES * 5)
    return {
        "char_rnn": network(replace(SMALL, conditions="")),
        "char_ngram": char_ngram.counted([text], 3, network(SMALL).config.chars),
    }


@pytest.mark.parametrize("name", writers())
def test_a_stream_is_the_sample_of_its_number(name):
    model = writers()[name]
    together = model.sample(3, seed=5, prompt="an", length=30)
    assert len(set(together)) == 3
    for i in range(3):
        assert "".join(c for c, _ in model.trace("an", 30, seed=5, start=i)) == together[i]
    assert model.write("an", 30, seed=5, stop="\n") == together[0].partition("\n")[0] + (
        "\n" if "\n" in together[0] else ""
    )


# --- what is copied ---


def test_copies_are_stretches_that_stand_in_the_text():
    learnt = copies.known(copies.windows(TEXT, 12))
    written = f"Unheard of: {TEXT[100:150]}~and then~{TEXT[700:712]}~{TEXT[710:721]}"
    assert copies.copies(written, learnt, 12) == [(12, 62), (72, 84)]  # eleven characters are too few
    assert copies.copies("", learnt, 12) == copies.copies("short", learnt, 12) == []
    assert copies.new(["anna", "zoo"], copies.known(LINES)).tolist() == [False, True]
    words = [f"{i}" for i in range(300)]
    assert copies.new(words, copies.known(words[::3])).tolist() == [i % 3 != 0 for i in range(300)]
    assert copies.new(words, copies.known([])).all()


def test_what_is_copied_is_counted():
    learnt = copies.known(copies.windows(TEXT, copies.WINDOW))
    longest, share = texts.copied(["~" * 20, TEXT[:20], f"{TEXT[:15]}~~~~~"], learnt)
    assert longest == pytest.approx(35 / 3) and share == pytest.approx(100 * 35 / 60)
