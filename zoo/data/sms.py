"""SMS Spam Collection: 5,574 messages, of which 5,171 are distinct; 653 of these are spam (Almeida, Hidalgo, Yamakami 2011)."""

from functools import lru_cache

from zoo.data import Provenance
from zoo.data.labelled import Labelled

PROVENANCE = Provenance(
    title="SMS Spam Collection",
    hub_id="ucirvine/sms_spam",
    license="none stated in the repository it is from; an author's announcement of 2011 says 'free for all purposes'",
    source="SMS Spam Collection v.1 (hamzaaacodes/sms-spam-collection on GitHub), its added header dropped",
    citation="Almeida, Gómez Hidalgo, Yamakami: Contributions to the study of SMS spam filtering, DocEng 2011",
    weights_license="other",
    files=("sms-spam.csv",),
    size=481_087,
)
SHA256 = "f6605cf7f69b9cb2f9518355fe104be11b6c6ac0c01fb0200caa6821fd7f945d"
DATA = Labelled(PROVENANCE.files[0], SHA256, "sms", PROVENANCE, {"ham": "wanted", "spam": "spam"})
NOUN, CLASSES, FOLDS = "messages", DATA.CLASSES, DATA.FOLDS
load, messages = lru_cache(maxsize=2)(DATA.load), lru_cache(maxsize=1)(DATA.messages)
