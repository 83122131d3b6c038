"""A visitor's own voice: what of a recording an encoder keeps and what it forgets, said again in each voice."""

from typing import Any

import numpy as np
import torch

from playground.catalogue import card, load
from playground.components.sound import player, sound
from playground.demo import Words
from playground.demos.say_it import speech
from playground.demos.say_it.speech import heard, main, verdict, voice, word
from playground.demos.say_it.together import Found, On
from playground.fields import Field, Values, choice
from playground.fields import sound as brought
from playground.sounds import ENDINGS, MOST_BYTES, SoundError
from playground.sounds import word as cut_out
from zoo.sound import HOP, PATCH, RATE, spectrogram
from zoo.spoken import texture

HEARD = "as heard"
PRIVATE = "A recording stays in this server's memory for this visit: no link carries it, and no file of it is kept."


def fields(words: list[str], on: On) -> dict[str, Field]:
    """Return the controls: a recording, and which word it is."""
    return {
        "recording": brought("Say a word", "Near to the microphone; or bring a file with a word in it", types=ENDINGS, most=MOST_BYTES, when=on("recorded")),
        "meant": choice(
            {HEARD: "As the listener hears it"} | {one: one for one in words}, HEARD, "Which word it is", "The models are told", look="list",
            when=on("recorded"), allows=lambda v: [HEARD, *speech.words(v["model"])],
        ),
    }  # fmt: skip


def given(v: Values) -> tuple[np.ndarray, str, str]:
    """Return a waveform (N,), what it is, and a sentence about it: the visitor's recording, until there is one the word that the page says.

    Raises:
        SoundError: the recording cannot be used.
    """
    if v["recording"] is None:
        return main(v).x, "The word above", "Until you record or bring a word: the one above."
    cut = cut_out(v["recording"])
    longest = (card(v["model"]).config["longest"] * PATCH - 1) * HOP
    said = f"Cut out of {cut.whole:.1f} seconds: {len(cut.x) / RATE:.2f} from {cut.start:.2f} on."
    return cut.x[:longest], "Your recording", said


def parts(v: Values) -> Found:
    """Show the recording, what its spectrogram alone gives, and the same utterance in every voice, by each model that learnt these words."""
    try:
        x, title, note = given(v)
    except SoundError as error:
        return {"told": [Words(str(error), warns=True)], "sounds": {}, "after": None}
    s = spectrogram(torch.from_numpy(np.ascontiguousarray(x))[None])[0].numpy()
    (told,) = heard(v["model"], [x])
    own = v["recording"] is None
    meant = word(v) if own else v["meant"]
    if meant not in speech.words(v["model"]):
        meant = told["word"][0][0] if "word" in told else speech.words(v["model"])[0]
    who = voice(v) if own else told["voice"][0][0] if "voice" in told else None  # else the nearest of those it knows
    names = [one for one in (v["model"], speech.other_kind(v["model"])) if one]
    by = speech.voices(v["model"])
    rows = [("", title, x), ("", "Its spectrogram, spoken", speech.voiced([s])[0].x)]
    rows += [("", *autoencoded(name, s)) for name in names if speech.is_flow(name)]
    for name in names:
        kind, made = speech.KINDS[card(name).family], speech.repeated(name, s, meant, who, by)
        titles = [f"{one}, {kind}" for one in by] if speech.several(name) else [f"Said again, {kind}"]
        rows += [(name, title, one.x) for title, one in zip(titles, made, strict=True)]
    verdicts = heard(v["model"], [x for _, _, x in rows])
    shown = [sound(x, title, verdict(told)) for (_, title, x), told in zip(rows, verdicts, strict=True)]
    found = [(name, told) for (name, _, _), told in zip(rows, verdicts, strict=True) if name]
    return {
        "told": [Words(f"{note} {explained(meant, '' if own else who)}"), Words(PRIVATE, quiet=True)],
        "sounds": player(shown),
        "after": [Words(counted(names, by, meant, found), quiet=True)] if told else None,
    }


def explained(meant: str, nearest: str | None) -> str:
    """Return what is shown, in words; which voice the recording's is nearest to, where a listener has said that."""
    whose = f", in a voice nearest to {nearest}'s" if nearest else ""
    return (
        "An encoder keeps how the word is said, its length and its stress, and shall forget who said it: told another voice, the decoder "
        f"says it again. It is told that the word is **{meant}**{whose}."
    )


@torch.no_grad()
def autoencoded(name: str, s: np.ndarray) -> tuple[str, np.ndarray]:
    """Return what is left of a spectrogram (128, T) when a flow's autoencoder has read and written it, and what that is called."""
    model: Any = load(name)
    whole, frames = speech.batch([s])
    here = torch.ones(1, int(frames) // PATCH, 1)
    z = model.autoencoder.encode(whole, here)
    made = model.autoencoder.decode(z, here, texture(1, int(frames), seed=0))
    return f"Kept in {z.shape[2]} numbers a patch", speech.voiced([made[0].numpy()])[0].x


def counted(names: list[str], by: list[str], meant: str, found: list) -> str:
    """Return in how many of what each model said the listener heard the word, and the voice that was asked for."""
    said = []
    for name in names:
        told = [one for made_by, one in found if made_by == name]
        right = sum(one["word"][0][0] == meant for one in told if "word" in one)
        line = f"{speech.title(name)}: “{meant}” in {right} of {len(told)}"
        if any("voice" in one for one in told):
            hits = sum(one["voice"][0][0] == who for one, who in zip(told, by, strict=True))
            line += f", the voice that was asked for in {hits}"
        said.append(line)
    return f"What the listener hears. {'; '.join(said)}."
