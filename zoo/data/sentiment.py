"""Cornell sentence polarity: 10,662 sentences of film reviews, half of them in favour (Pang, Lee 2005)."""

from functools import lru_cache

from zoo.data import Provenance
from zoo.data.labelled import Labelled

PROVENANCE = Provenance(
    title="Cornell sentence polarity 1.0",
    hub_id="cornell-movie-review-data/rotten_tomatoes",
    license="CC BY 4.0, Bo Pang and Lillian Lee",
    source="NLTK's data, sentence_polarity.zip",
    citation="Pang, Lee: Seeing stars: exploiting class relationships for sentiment categorization, ACL 2005",
    files=("sentiment.parquet",),
    size=431_623,
)
SHA256 = "57a5f9b2d1864b81cc89aa955b1259893857cc6130771f645004175ce7643b19"
DATA = Labelled(PROVENANCE.files[0], SHA256, "sentiment", PROVENANCE, {"neg": "against", "pos": "in favour"}, folds=10)
NOUN, CLASSES, FOLDS = "sentences", DATA.CLASSES, DATA.FOLDS
load, messages = lru_cache(maxsize=2)(DATA.load), lru_cache(maxsize=1)(DATA.messages)
