"""Say it: words spoken in a voice by a flow or a VAE, what a listener hears, and what can be done with them."""

import base64
from functools import cache
from typing import Any
from urllib.parse import urlencode

import numpy as np

from playground import markup
from playground.catalogue import card
from playground.components.sound import SOUND, player, sound
from playground.demo import Beside, Demo, Endpoint, Export, Html, Refused, Section, Slot, Stage, Words
from playground.demos.say_it import closer, erased, history, pad, picture, quiz, recorded, speech
from playground.demos.say_it.closer import PARTS, offered, on
from playground.demos.say_it.speech import asked, heard, main, models, several, verdict, voice, word
from playground.fields import Field, Values, choice, integer, number, seed, text
from playground.memory import remembered
from playground.recipe import text as written
from zoo.sound import RATE, wav

FIRST = "audio_flow.digits", "seven", "george"
SHOWN = 4  # options of what is heard
HOW = (
    "A short word becomes a **spectrogram**: how loud each frequency is, every 8 ms. An autoencoder keeps a few numbers of every 16 ms. "
    "The **flow** starts from noise and is carried to such numbers in 16 steps by a small transformer, which was told the word and the voice; "
    "in training both were hidden at random, so they can be exaggerated. The **IDVAE** has one z for the whole word, made to forget word "
    "and voice, and a reader that is encoder and critic in one. A spectrogram has no phase: one is found from its slopes, which a last network corrects. "
    "*Heard* is what a listener makes of it who took no part in training."
)
EQUATION = r"\frac{dz}{dt} = v_\theta(z, t, \text{word}, \text{voice})"
TRY_THIS = (
    "Under *In every voice*, hear one utterance by six people: what stays the same? Then morph two words half way, and ask "
    "yourself before the listener which one you hear."
)


def checkpoints() -> list[str]:
    """Return what the page needs: models that speak, the vocoder, and who judges them."""
    return [*shown(), *dict.fromkeys(judge for name in models() for judge in speech.judges(name))]


def shown() -> list[str]:
    """Return the models that it shows."""
    return [*models(), speech.VOCODER]


def fields() -> dict[str, Field]:
    """Return the page's controls."""
    names = models()
    words = list(dict.fromkeys(one for name in names for one in speech.words(name)))
    voices = list(dict.fromkeys(one for name in names for one in speech.voices(name)))
    first = [one if one in there else there[0] for one, there in zip(FIRST, (names, words, voices), strict=True)]

    def known(v: Values) -> list[str]:
        return speech.words(v["model"])

    def by(v: Values) -> list[str]:
        return speech.voices(v["model"])

    def two(v: Values) -> bool:
        return closer.part(v) == "between" and several(v["model"])

    return {
        "model": choice({name: speech.title(name) for name in names}, first[0], "Model", "What it learnt, and how", look="list"),
        "word": choice(words, first[1], "Word", allows=known),
        "voice": choice(voices, first[2], "Voice", allows=by, when=lambda v: several(v["model"])),
        "wild": number(0.0, 1.6, 1.0, "Wilder", "Temperature of the noise, times what the model was measured at"),
        "longer": number(0.5, 2.0, 1.0, "Longer", "Length, times what is drawn for the word"),
        "high": integer(-7, 7, 0, "Higher", "Semitones: the spectrogram, stretched"),
        "guidance": number(
            1.0, 4.0, 2.0, "Clearer", "Guidance: 1 speaks as was learnt, more exaggerates what word and voice change", step=0.25,
            when=lambda v: speech.is_flow(v["model"]),
        ),
        "seed": seed(),
        "part": choice(PARTS, "voices", "Hear more", look="bare", allows=lambda v: offered(v["model"])),
        "word2": choice(words, words[min(1, len(words) - 1)], "And the word", look="list", allows=known, when=on("between")),
        "morph": integer(0, 100, 50, "Share of the second word", unit="%", when=on("between")),
        "voice2": choice(voices, voices[min(1, len(voices) - 1)], "And the voice", look="list", allows=by, when=two),
        "blend": integer(0, 100, 50, "Share of the second voice", unit="%", when=two),
        "number": text("031 415 926", "A number", f"Up to {pad.DIALLED} digits", most=80, when=on("number")),
        **recorded.fields(words, on), **erased.fields(on), **history.fields(names, on), **quiz.fields(),
    }  # fmt: skip


def stage(v: Values) -> Stage:
    """Return the word, what a listener hears, and what else is asked for."""
    said = main(v)
    (told,) = heard(v["model"], [said.x])
    more = cache(lambda: closer.found(v))
    return {
        "sound": player([sound(said.x, titled(v), verdict(told))], speaks=True),
        "heard": judged(told),
        **{slot: lambda slot=slot: more()[slot] for slot in ("told", "sounds", "after")},
    }


def titled(v: Values) -> str:
    """Return the word, and the voice where there are several."""
    return f"{word(v)} · {voice(v)}" if several(v["model"]) else word(v)


def judged(told: dict[str, list[tuple[str, float]]]) -> list[Beside | Words] | None:
    """Return what a listener hears as bars; None where there is no listener."""
    if not told:
        return None
    names = {"word": "The word, to a listener", "voice": "The voice"}
    long = max(len(name) for options in told.values() for name, _ in options) > 9
    groups = [
        [Words(f"**{names[what]}**"), Html(f"<div class='zoo-few'>{markup.bars(options[:SHOWN], options[0][0], wide=long)}</div>")]
        for what, options in told.items()
    ]  # fmt: skip
    return [Beside(groups, "13rem")]


def code(v: Values) -> str:
    """Return the lines of Python that say the same word."""
    options = "".join(f", {key}={value:g}" for key, value in asked(v).options().items())
    known, by = speech.words(v["model"]).index(word(v)), speech.voices(v["model"]).index(voice(v))
    higher = [f"s = higher(s, {v['high']})"] if v["high"] else []
    return "\n".join([
        "import zoo", f"from zoo.sound import ended, {'higher, ' if higher else ''}wav\n", f'model = zoo.load("{v["model"]}")',
        f"s, frames = model.sample(1, seed={v['seed']}, word={known}, voice={by}{options})  # {titled(v)}", *higher,
        f'x = zoo.load("{speech.VOCODER}").decode(s)',
        "x = ended(x, frames)[0]  # in [-1, 1], 8,000 samples a second", "content = wav(x.numpy())", '# open("word.wav", "wb").write(content)',
    ])  # fmt: skip


def recipe(v: Values) -> str:
    """Return the page's whole state as a link's query, with its name: what a WAV carries as a comment."""
    weights = "-".join(card(name).sha256[:12] for name in shown())
    return f"say_it?{urlencode({**written(v, fields()), 'weights': weights})}"


def recording(v: Values) -> bytes:
    """Return the word as a WAV that holds its recipe."""
    return wav(main(v).x, recipe(v))


def render(v: Values) -> np.ndarray:
    """Return the download: the word as a picture."""
    said = main(v)
    (told,) = heard(v["model"], [said.x])
    return picture.sheet(said.s, said.x, titled(v), verdict(told))


@remembered
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: the word at the page's first settings, (336, 336, 3) uint8."""
    said = main({name: field.default for name, field in fields().items()})
    return picture.sheet(said.s, said.x, "", "", (336, 336))


def answer(v: Values, x: np.ndarray) -> dict[str, Any]:
    """Return a sound as an endpoint gives it."""
    (told,) = heard(v["model"], [x])
    return {
        "wav": base64.b64encode(wav(x, recipe(v))).decode(), "rate": RATE,
        "heard": {what: dict(options) for what, options in told.items()},
    }  # fmt: skip


def checked(v: Values) -> Values:
    """Return values whose word and voice their model knows.

    Raises:
        Refused: it knows no such word, or has no such voice.
    """
    for what, known in (("word", speech.words(v["model"])), ("voice", speech.voices(v["model"]))):
        if v[what] not in known and len(known) > 1:
            raise Refused(f"{v['model']} has the {what}s {', '.join(known)}, not {v[what]}")
    return v


def say(v: Values) -> dict[str, Any]:
    """Say a word in a voice: a WAV in base64, 8,000 samples a second, and the probabilities of what a listener hears."""
    return answer(v, main(checked(v)).x)


def spell(v: Values) -> dict[str, Any]:
    """Say a number digit by digit in a voice: a WAV in base64, and the digits that a listener hears."""
    if "number" not in offered(v["model"]):
        raise Refused(f"{v['model']} knows no digits")
    groups, found, note = pad.number(checked(v))
    if not found:
        raise Refused(note)
    caught = [told["word"][0][0] for told in heard(v["model"], [one.x for one in found]) if "word" in told]
    x = pad.joined([one.x for one in found], groups)
    return {"wav": base64.b64encode(wav(x, recipe(v))).decode(), "rate": RATE, "heard": caught}


DEMO = Demo(
    title="Say it", line="A word, spoken in a voice by a small network; a listener says what it hears.",
    term="flow matching and IDVAE for sound", group="Listen", order=1, icon="record_voice_over", how=HOW, equation=EQUATION, try_this=TRY_THIS,
    checkpoints=checkpoints, models=shown, fields=fields, buttons=quiz.buttons(on), stage=stage, code=code, render=render, scale=1,
    exports=(Export("Sound (WAV)", "wav", "audio/wav", recording),), thumbnail=thumbnail,
    layout=(
        Section(lead=("word", "voice")),
        Section(
            (Slot("sound", component=SOUND), "heard"), fields=("model", "wild", "longer", "high"), more=("guidance", "seed"), widths=(3, 2),
        ),
        Section(lead=("part",)),
        Section(
            ("told", Slot("sounds", component=SOUND), "after"),
            lead=("number", "word2", "morph", "voice2", "blend", "recording", "meant", "painted", "does", "louder", "moment"),
            under=("guess", "another"),
        ),
    ),
    endpoints=(
        Endpoint(say, ("word", "voice", "seed", "wild", "longer", "high", "guidance", "model"), "say"),
        Endpoint(spell, ("number", "voice", "seed", "wild", "longer", "high", "guidance", "model"), "number", {"number": ...}),
    ),
)  # fmt: skip
