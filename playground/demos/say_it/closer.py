"""Ways to hear more: values -> what the slots 'told', 'sounds' and 'after' hold; which there are depends on the model."""

from collections.abc import Callable

from playground.demos.say_it import erased, history, nearest, pad, quiz, recorded, speech, together
from playground.demos.say_it.together import Found
from playground.fields import Values
from zoo.data.fsdd import CLASSES as DIGITS

PARTS = {
    "voices": "In every voice", "between": "Between two", "pad": "Play them all", "number": "A phone number", "recorded": "Your own voice",
    "erased": "Draw and erase", "back": "Back to sound", "nearest": "Is it copied?", "quiz": "Real or made?", "history": "As it learnt",
}  # fmt: skip
SHOW: dict[str, Callable[[Values], Found]] = {
    "voices": together.every, "between": together.between, "pad": pad.board, "number": pad.dial, "recorded": recorded.parts,
    "erased": erased.parts, "back": together.ways_back, "nearest": nearest.parts, "quiz": quiz.parts, "history": history.parts,
}  # fmt: skip


def offered(name: str) -> list[str]:
    """Return the parts that a model has."""
    has = {
        "voices": speech.several(name), "number": set(DIGITS) <= set(speech.words(name)), "history": history.recorded(name),
    }  # fmt: skip
    return [part for part in PARTS if has.get(part, True)]


def part(v: Values) -> str:
    """Return the part that is looked at: the chosen one, or the first."""
    there = offered(v["model"])
    return v["part"] if v["part"] in there else there[0]


def on(name: str) -> Callable[[Values], bool]:
    """Return what tells whether a part is looked at."""
    return lambda v: part(v) == name


def found(v: Values) -> Found:
    """Return what the slots of the chosen part hold."""
    return SHOW[part(v)](v)
