"""The five models in the order of history, and what their cards say: how surprised each is, what each step brought, how far back it looks."""

from functools import lru_cache

import zoo
from playground import learning
from playground.catalogue import card
from playground.demo import Part, Table, Words

MODELS = {
    "char_ngram.emerson-bigram": "Bigram", "char_ngram.emerson": "6-gram", "char_rnn.emerson-basic": "Simple RNN",
    "char_rnn.emerson": "LSTM", "char_gpt.emerson": "Transformer",
}  # fmt: skip
COUNTS = "char_ngram.emerson"  # its history is of longer and longer contexts, from none on
ENOUGH = 0.01  # bits: less is no gain


@lru_cache(maxsize=1)
def models() -> list[str]:
    """Return those of the five models that are at hand, in the order of history.

    Raises:
        zoo.CheckpointNotFound: there is none.
    """
    found = [name for name in MODELS if name in zoo.names()]
    if not found:
        raise zoo.CheckpointNotFound(
            "none of the models of Emerson's essays is at hand: restore checkpoints/, or train one: python -m train.char_ngram emerson"
        )
    return found


def bits(name: str) -> float:
    """Return a model's surprisal of the held-out essays, read on from their beginning, bits per character, from its card."""
    figures = {metric.name: metric.value for metric in card(name).metrics}
    return figures.get("bits_whole", figures["bits"])


def counts(name: str) -> bool:
    """Return whether a model is one of counts."""
    return card(name).family == "char_ngram"


def kept(name: str) -> str:
    """Return how many numbers a model keeps: counts of n-grams, or parameters."""
    if counts(name):
        return f"{sum(map(int, card(name).config['grams'].split())):,} counts"
    return f"{card(name).parameters:,} parameters"


def anchors() -> dict[str, float]:
    """Return what it costs to know nothing, and to know only how frequent each character is, bits per character, from the counts' history."""
    if COUNTS not in models():
        return {}
    said = {0: "Any character alike", 1: "Frequency alone"}
    found = {moment["step"]: moment["held_out"] for moment in learning.moments(COUNTS)}
    return {title: found[order] for order, title in said.items() if order in found}


def apart(name: str, before: str) -> str:
    """Return what a step from one model to the next brought, in bits."""
    step = round(bits(name) - bits(before), 2)
    return f"{'−' if step < 0 else '+' if step else ''}{abs(step):.2f}"


def context(name: str) -> dict[int, float]:
    """Return a model's surprisal by how many characters before it is shown, bits; {} where its card has none."""
    table = card(name).tables.get("context")
    return {int(shown): found for shown, found in table.rows} if table else {}  # type: ignore[misc]


def reach(name: str) -> int:
    """Return from how many characters on a model gains no more than `ENOUGH` bits by being shown more."""
    found = context(name)
    return next(n for n in found if found[n] - min(b for m, b in found.items() if m >= n) <= ENOUGH)


def figures(times: dict[str, float]) -> list[Part]:
    """Return the table of the models, and who is ahead.

    Args:
        times: milliseconds that a character took here, by those models that have written.
    """
    names = models()
    best = min(names, key=bits)
    columns = {
        "model": [(MODELS[name], False) for name in names],
        "bits": [(f"{bits(name):.2f}", name == best) for name in names],
        "than above": [("", False), *((apart(b, a), False) for a, b in zip(names, names[1:], strict=False))],
        "keeps": [(kept(name), False) for name in names],
        "learnt in": [(card(name).trained_in, False) for name in names],
        "a character takes": [(f"{times[name]:.2f} ms" if name in times else "…", False) for name in names],
    }
    return [Table(columns), Words(" ".join([ahead(), *measured()]), quiet=True)]


def ahead() -> str:
    """Return who is ahead, by how much, and what that means."""
    best, *rest = sorted(models(), key=bits)
    said = f"It is as unsure as between {2 ** bits(best):.1f} characters, each as likely (2 to the power of {bits(best):.2f})."
    if not rest:
        return said
    gap = round(bits(rest[0]) - bits(best), 2)
    if not gap:
        return f"{MODELS[best]} and {MODELS[rest[0]]} are level. {said}"
    return f"**{MODELS[best]}** is ahead, {gap:.2f} bits before {MODELS[rest[0]]}. {said}"


def measured() -> list[str]:
    """Return how the figures were measured, where that is not alike."""
    names = models()
    said = [
        f"Bits per character: on {card(names[-1]).metric('bits').n:,} characters of whole essays that none was trained on, from each model's card. "
        "What a character takes: on this machine, as it wrote the texts above."
    ]
    for name in names:
        figures = {metric.name: metric for metric in card(name).metrics}
        if "loss_second_half" in figures:
            said.append(f"The {MODELS[name].lower()}'s weights were chosen on the first half of these essays.")
    return said


def gains() -> str:
    """Return from how many characters on each model gains nothing more, '' where no card tells it."""
    found = {name: reach(name) for name in models() if context(name)}
    if not found:
        return ""
    last = {name: max(context(name)) for name in found}
    told = [
        f"{MODELS[name]} {n}" if n < last[name] else f"{MODELS[name]} not yet at {last[name]}"
        for name, n in found.items()
    ]
    said = f"From so many characters on, being shown more brings less than {ENOUGH:g} bits: {', '.join(told)}."
    for n in sorted({1, *last.values()}):
        shown = {name: context(name)[n] for name in found if n in context(name)}
        if len(shown) > 1:
            best = min(shown, key=lambda name: shown[name])
            said += f" Shown {n}, {MODELS[best]} is the least surprised ({shown[best]:.2f} bits)."
    return said
