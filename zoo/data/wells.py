"""Three novels by H. G. Wells: The War of the Worlds, The Time Machine, The Island of Doctor Moreau; 756,355 characters."""

from functools import lru_cache

from zoo.data import Provenance
from zoo.data.text import Text

PROVENANCE = Provenance(
    title="Three novels by H. G. Wells",
    hub_id="wells",
    license="public domain in the US (Project Gutenberg's terms for the marked editions)",
    source="Project Gutenberg 36, 35 and 159, by GITenberg; header, licence and contents lists removed, lines unwrapped",
    citation="Wells: The War of the Worlds (1898), The Time Machine (1895), The Island of Doctor Moreau (1896)",
    files=("novel.txt",),
    size=756_367,
)
SHA256 = "d9ab7ff16bd98e051631334a52089b0742baa03a79ee50fe5aaa82317176efcc"
BEGINNINGS = ("The ", "I saw ", "It was ", "\n\n")
load = lru_cache(maxsize=2)(Text(PROVENANCE.files[0], SHA256, PROVENANCE).load)
