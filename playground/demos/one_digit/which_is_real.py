"""Which is real? A quiz: one digit by a hand among one by each model."""

import re
from dataclasses import dataclass

import numpy as np
import torch

from playground.catalogue import labelled, load
from playground.fields import Field
from playground.memory import remembered
from zoo.data import mnist
from zoo.nn import MAX_SEED, uniform
from zoo.pictures import pixels

MOST_ROUNDS = 999
REAL = "a real digit"


@dataclass(frozen=True)
class Question:
    """A round of the quiz."""

    pictures: np.ndarray
    """(N, 28, 28) uint8"""
    makers: tuple[str, ...]
    """models' names, and `REAL`"""

    @property
    def real(self) -> int:
        """The real digit's number, from 1."""
        return self.makers.index(REAL) + 1


def answers() -> Field:
    """Return a field for an answer as `answer` writes it; '' is none yet."""

    def read(text: str) -> str:
        if text and not re.fullmatch("[0-9]_[0-9]{1,10}_[0-9]{1,3}_[1-9]", text):
            raise ValueError("an answer given here")
        return text

    return Field(kind="state", default="", read=read)


@remembered
@torch.inference_mode()
def question(label: int, seed: int, turn: int) -> Question:
    """Return a round of the quiz: one test digit among a picture by each model, all decided by (label, seed, turn) alone."""
    names = labelled()
    chance = uniform(1, 2 * (len(names) + 1), seed=seed, start=turn)[0]
    which, order = chance[: len(names) + 1], np.argsort(chance[len(names) + 1 :])
    images, y = mnist.load("test")
    those = np.flatnonzero(y == label)
    shown = [images[those[int(which[-1] * len(those))]]]
    for name, u in zip(names, which, strict=False):
        shown.append(pixels(load(name).sample(1, seed=int(u * MAX_SEED), label=label))[0])
    makers = [REAL, *names]
    return Question(np.stack([shown[i] for i in order]), tuple(makers[i] for i in order))


def answer(label: int, seed: int, turn: int, place: int) -> str:
    """Return an answer as a link carries it: with its question, so that it answers no other."""
    return f"{label}_{seed}_{turn}_{place}"


def picked(pick: str, label: int, seed: int, turn: int) -> int:
    """Return the number of the picture that was picked in this round; 0 where none was."""
    place = int(pick.rsplit("_", 1)[1]) if pick else 0
    return place if place <= len(labelled()) + 1 and pick == answer(label, seed, turn, place) else 0


def score(right: int, rounds: int) -> tuple[int, str]:
    """Return the rounds that were won, at most those that were played, and a sentence where that had to be put right."""
    if right <= rounds:
        return right, ""
    return rounds, f"The link says {right} right of {rounds} rounds: more than were played are not counted."


def scored(asked: Question, place: int, right: int, rounds: int) -> tuple[int, int]:
    """Return the rounds won and played after an answer; at `MOST_ROUNDS` the count stands still."""
    if rounds >= MOST_ROUNDS:
        return right, rounds
    return right + (place == asked.real), rounds + 1


def following(turn: int) -> int:
    """Return the number of the next round; after the last comes the first."""
    return (turn + 1) % (MOST_ROUNDS + 1)


def verdict(asked: Question, place: int, right: int, rounds: int) -> str:
    """Return what is said to an answer, or, where there is none (place 0), how it stands."""
    stands = f"{right} of {rounds} right so far." if rounds else "No round played yet."
    if not place:
        return f"One of the {len(asked.makers)} was written by a hand. {stands}"
    if place == asked.real:
        return f"Right: number {place} was written by a hand. {stands}"
    return (
        f"No: number {place} is by {asked.makers[place - 1]}, and number {asked.real} was written by a hand. {stands}"
    )


def captions(asked: Question, place: int) -> list[str]:
    """Return the captions of a round's pictures: their numbers, and who made them once an answer is given."""
    return [f"{i + 1}: {maker}" if place else str(i + 1) for i, maker in enumerate(asked.makers)]
