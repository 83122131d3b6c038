"""Sounds that play in the browser, each drawn as spectrogram and waveform, or a pad of them: `sound.js`, `spectrum.js` and `sound.css`.

What is shown is a dict that `player` or `pad` makes, or an empty one, which shows nothing. Nothing comes back.
"""

import base64
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from playground.components.adapters import Component
from zoo.sound import RATE

_HERE = Path(__file__).parent
_SCRIPTS = "".join((_HERE / name).read_text("utf-8") for name in ("spectrum.js", "sound.js"))
SCRIPT, STYLE = re.sub(r"^import .*\n", "", _SCRIPTS, flags=re.MULTILINE), (_HERE / "sound.css").read_text("utf-8")
SOUND = Component("sound", SCRIPT, STYLE, "sounds", "given")


def sound(x: np.ndarray, title: str, said: str = "") -> dict[str, str]:
    """Return a sound as the component takes it.

    Args:
        x: (N,) in [-1, 1], 8,000 samples a second.
        title: what it is, in a few words.
        said: a line under it.
    """
    whole = np.round(np.clip(x, -1, 1) * 32767).astype("<i2")
    return {"title": title, "said": said, "x": base64.b64encode(whole.tobytes()).decode()}


def player(sounds: Sequence[dict[str, str]], *, speaks: bool = False) -> dict[str, Any]:
    """Return sounds side by side, as the component shows them.

    Args:
        speaks: whether the first one is played by itself whenever it is another.
    """
    return {"sounds": list(sounds), "rate": RATE, "speaks": speaks}


def pad(sounds: Sequence[dict[str, str]], words: Sequence[str], voices: Sequence[str], keys: str) -> dict[str, Any]:
    """Return a pad of words by voices, as the component shows it.

    Args:
        sounds: the words in the first voice, then in the second, and so on.
        keys: for each word the key that plays it.
    """
    return {
        "sounds": list(sounds),
        "rate": RATE,
        "pad": {"words": list(words), "voices": list(voices), "keys": keys},
    }
