"""One word beside others: the same utterance in every voice, what lies between two, and three ways from a spectrogram back to sound."""

from collections.abc import Callable

import torch

from playground import panels
from playground.catalogue import card
from playground.components.sound import player, sound
from playground.demo import Shown, Words
from playground.demos.say_it import speech
from playground.demos.say_it.speech import alone, asked, heard, main, verdict, voice, word
from playground.fields import Values
from zoo.sound import apart, ended, griffin_lim, guessed, istft, spectrogram

Found = dict[str, Shown]
"""what the slots 'told', 'sounds' and 'after' hold"""
On = Callable[[str], Callable[[Values], bool]]
"""a part's name -> whether it is looked at, by the values"""


def every(v: Values) -> Found:
    """Show the word that the page says, said again in every voice: its condition is swapped, what else it holds is kept."""
    name, said, own = v["model"], word(v), voice(v)
    by = tuple(speech.voices(name))
    found = speech.again(name, asked(v), said, own, v["high"], by)
    verdicts = heard(name, [one.x for one in found])
    sounds = [
        sound(one.x, f"{who}, who said it" if who == own else who, verdict(told))
        for one, who, told in zip(found, by, verdicts, strict=True)
    ]
    way = "carried back to the noise it comes from" if speech.is_flow(name) else "encoded"
    text = f"The word above, {way} as {own}'s, then said again by each: its length and its manner stay, the voice is another's."
    hits = sum(told["voice"][0][0] == who for told, who in zip(verdicts, by, strict=True) if "voice" in told)
    after = f"The listener names the voice that was asked for in {hits} of {len(by)}."
    judged = any("voice" in told for told in verdicts)
    return {
        "told": [Words(text)],
        "sounds": player(sounds),
        "after": [Words(after, quiet=True)] if judged else None,
    }


def mixes(v: Values) -> tuple[speech.Mix, speech.Mix]:
    """Return what lies between two words and two voices, as the page asks for it."""

    def mix(one: str, other: str, share: int) -> speech.Mix:
        return alone(one) if one == other else ((one, round(1 - share / 100, 2)), (other, share / 100))

    return mix(word(v), word(v, "word2"), v["morph"]), mix(voice(v), voice(v, "voice2"), v["blend"])


def named(words_: speech.Mix, voices_: speech.Mix, several: bool) -> str:
    """Return a mix in words."""

    def said(mix: speech.Mix) -> str:
        return " and ".join(f"{share:.0%} {name}" if len(mix) > 1 else name for name, share in mix)

    return f"{said(words_)} · {said(voices_)}" if several else said(words_)


def between(v: Values) -> Found:
    """Show a word, another in another voice, and what lies between them, all from one seed."""
    name, several = v["model"], speech.several(v["model"])
    ends = (alone(word(v)), alone(voice(v))), (alone(word(v, "word2")), alone(voice(v, "voice2")))
    pairs = (ends[0], mixes(v), ends[1])
    found = [speech.mixed(v, *pair) for pair in pairs]
    verdicts = [verdict(told) for told in heard(name, [one.x for one in found])]
    first, mixed, last = (named(*pair, several) for pair in pairs)
    titles = [(first, verdicts[0]), ("In between", f"{mixed}. {verdicts[1]}"), (last, verdicts[2])]
    sounds = [sound(one.x, *told) for one, told in zip(found, titles, strict=True)]
    text = (
        "Shares of two words, and of two voices, stand where one of each did: nobody ever recorded what lies between."
    )
    return {"told": [Words(text)], "sounds": player(sounds), "after": None}


def ways_back(v: Values) -> Found:
    """Show the word's spectrogram as sound in three ways: none was told the phase."""
    said = main(v)
    s = torch.from_numpy(said.s)[None]
    with torch.no_grad():
        others = [ended(x, torch.tensor([s.shape[2]]))[0].numpy() for x in (istft(guessed(s)), griffin_lim(s))]
    waves = [said.x, *others]
    names = ["A network", "Phases from slopes", "Griffin and Lim's steps"]
    how = [
        "Corrects phases found from slopes, then a few steps of Griffin and Lim's",
        "Phase-gradient heap integration, no network",
        "60 steps that make neighbouring frames agree, no network",
    ]
    sounds = [
        sound(x, title, f"{way}. {apart(spectrogram(torch.from_numpy(x.copy())[None]), s):.1f} dB off. {verdict(told)}")
        for x, title, way, told in zip(waves, names, how, heard(v["model"], waves), strict=True)
    ]
    text = (
        "A spectrogram says how loud each frequency is, and leaves out the phase: where its waves stand. Something must find "
        "phases that go together. How far off is the log-spectral distance between what was asked for and what sounds."
    )
    measured = card(speech.VOCODER).tables.values()
    after = [part for table in measured for part in (Words(f"**{table.title}.** {table.text}"), panels.rows(table))]
    return {"told": [Words(text)], "sounds": player(sounds), "after": after or None}
