"""Tiny Shakespeare: 1,115,394 characters of the plays (Karpathy 2015), 65 of them distinct."""

from functools import lru_cache

from zoo.data import Provenance
from zoo.data.text import Text

PROVENANCE = Provenance(
    title="Tiny Shakespeare",
    hub_id="karpathy/tiny_shakespeare",
    license="MIT, by its repository; the text is in the public domain",
    source="A. Karpathy, char-rnn, data/tinyshakespeare/input.txt",
    citation="Karpathy: The unreasonable effectiveness of recurrent neural networks, 2015",
    files=("shakespeare.txt",),
    size=1_115_394,
    url="https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
)
SHA256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"
BEGINNINGS = ("ROMEO:\n", "First Citizen:\n", "The ", "I will ")
TEXT = Text(PROVENANCE.files[0], SHA256, PROVENANCE)
load, fetch = lru_cache(maxsize=2)(TEXT.load), TEXT.fetch
