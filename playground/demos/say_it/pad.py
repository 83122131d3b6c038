"""Many words at once: a pad of all words in all voices, and a number spoken digit by digit."""

import numpy as np

from playground.components.sound import pad, player, sound
from playground.demo import Words
from playground.demos.say_it import speech
from playground.demos.say_it.speech import alone, asked, heard, verdict, voice
from playground.demos.say_it.together import Found
from playground.fields import Values
from zoo.data.fsdd import CLASSES as DIGITS
from zoo.sound import RATE

STEPS = 8  # of the flow, half as many as elsewhere: sixty words are asked for at once
DIALLED = 15  # digits that a phone number has at most (ITU-T E.164)
REST, BREATH = RATE * 60 // 1000, RATE * 280 // 1000  # samples between two digits, and between two groups of them


def keys(name: str) -> str:
    """Return for each word of a model the key that plays it: a digit its own, others their place."""
    known = speech.words(name)
    return "0123456789" if known == [*DIGITS] else "1234567890"[: len(known)]


def board(v: Values) -> Found:
    """Show every word in every voice as a pad."""
    name, known, by = v["model"], speech.words(v["model"]), speech.voices(v["model"])
    row = tuple(map(alone, known))
    found = [one for who in by for one in speech.spoken(asked(v), row, (alone(who),) * len(row), v["high"], STEPS)]
    pairs = [(said, who) for who in by for said in known]
    verdicts = heard(name, [one.x for one in found])
    told = zip(found, pairs, verdicts, strict=True)
    sounds = [sound(one.x, f"{said}, {who}", verdict(judged)) for one, (said, who), judged in told]
    held = keys(name)
    change = ", arrow keys change the voice" if speech.several(name) else ""
    play = f"Keys {held[0]} to {held[-1]} say the words{change}."
    text = f"{len(sounds)} sounds, made for this seed: touch, click, or press a pad once and play on by keys. {play}"
    shown = by if speech.several(name) else [""]
    counts = [
        f"the {what} in {sum(judged[what][0][0] == pair[i] for judged, pair in zip(verdicts, pairs, strict=True))}"
        for i, what in enumerate(("word", "voice"))
        if what in verdicts[0]
    ]
    after = [Words(f"The listener hears {' and '.join(counts)} of {len(pairs)}.", quiet=True)] if counts else None
    return {"told": [Words(text)], "sounds": pad(sounds, known, shown, held), "after": after}


def dialled(text: str) -> tuple[list[str], str]:
    """Return the groups of digits in a number, and a sentence on what is left out, '' where nothing is."""
    groups, left = [""], False
    count = 0
    for c in text:
        if c in "0123456789" and count < DIALLED:
            groups[-1] += c
            count += 1
        elif c in " -/.()+":
            groups.append("")
        else:
            left = True
    said = f"Only digits are said, {DIALLED} at most: the rest is left out." if left else ""
    return [group for group in groups if group], said


def joined(words: list[np.ndarray], groups: list[str]) -> np.ndarray:
    """Return words as one sound, with a rest after each and a breath after each group."""
    parts: list[np.ndarray] = []
    for group in groups:
        for _ in group:
            parts += [words[len(parts) // 2], np.zeros(REST, np.float32)]
        parts[-1] = np.zeros(BREATH, np.float32)
    return np.concatenate(parts[:-1])


def number(v: Values) -> tuple[list[str], list[speech.Said], str]:
    """Return a typed number's groups of digits, each digit as it is said, and what is to be said of it."""
    groups, note = dialled(v["number"])
    digits = "".join(groups)
    if not digits:
        return [], [], note or "Type a number to hear it."
    mixes = tuple(alone(DIGITS[int(c)]) for c in digits)
    return groups, speech.spoken(asked(v), mixes, (alone(voice(v)),) * len(mixes), v["high"]), note


def dial(v: Values) -> Found:
    """Say a typed number."""
    groups, found, note = number(v)
    notes = [Words(note, quiet=True)] if note else None
    if not found:
        return {"told": notes, "sounds": {}, "after": None}
    verdicts = heard(v["model"], [one.x for one in found])
    caught = "".join(str(DIGITS.index(told["word"][0][0])) for told in verdicts if "word" in told)
    digits = "".join(groups)
    right = sum(a == b for a, b in zip(digits, caught, strict=False))
    said = f"Heard: {spaced(caught, groups)}, {right} of {len(digits)} digits right" if caught else ""
    made = sound(joined([one.x for one in found], groups), f"{' '.join(groups)} · {voice(v)}", said)
    return {"told": notes, "sounds": player([made]), "after": None}


def spaced(digits: str, groups: list[str]) -> str:
    """Return digits in groups as long as others."""
    ends = np.cumsum([0, *map(len, groups)])
    return " ".join(digits[a:b] for a, b in zip(ends, ends[1:], strict=False))
