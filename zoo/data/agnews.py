"""AG News, its test file: 7,600 news items of four topics, 1,900 each (Zhang, Zhao, LeCun 2015)."""

from functools import lru_cache

from zoo.data import Provenance
from zoo.data.labelled import Labelled

PROVENANCE = Provenance(
    title="AG News, the 7,600 items of its test file",
    hub_id="fancyzhx/ag_news",
    license="for research and any other non-commercial activity",
    source="AG's corpus of news articles, test file of Zhang, Zhao and LeCun (mhjabreel/CharCnn_Keras on GitHub); entities decoded",
    citation="Zhang, Zhao, LeCun: Character-level convolutional networks for text classification, NeurIPS 2015",
    weights_license="other",
    files=("topics-agnews.parquet",),
    size=649_726,
)
SHA256 = "7b37fbfe85f8f159c44a9817a1df859f587d1768c14d4ac38d18d7f984780952"
TOPICS = ("World", "Sports", "Business", "Sci/Tech")
DATA = Labelled(PROVENANCE.files[0], SHA256, "agnews", PROVENANCE, {name: name for name in TOPICS})
NOUN, CLASSES, FOLDS = "news items", DATA.CLASSES, DATA.FOLDS
load, messages = lru_cache(maxsize=2)(DATA.load), lru_cache(maxsize=1)(DATA.messages)
