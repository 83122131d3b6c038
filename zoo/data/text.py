"""Texts: read whole, first 90 % of the characters for training, last 10 % for validation."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from zoo import texts
from zoo.data import DataNotFound, Provenance, changed, content, fetched, find, unreachable
from zoo.files import trains

SPLIT = 0.9

PROVENANCE = Provenance(
    title="a text of the trainer's", hub_id="text", license="other: as the text's own", source="A file of the trainer's",
    citation="none", weights_license="other", own=True,
)  # fmt: skip


@dataclass(frozen=True)
class Text:
    """A text in a file, known by its hash and its provenance; or any file, where both are None: `zoo.data.Texts`.

    A file of one's own is read once: what is learnt, measured and named by its hash is the same, whatever becomes of the file.
    """

    path: str | Path
    expected: str | None = None
    known: Provenance | None = None

    PROVENANCE = PROVENANCE

    def _bytes(self) -> bytes:
        path = find(str(self.path)) if self.known else Path(self.path)
        if path is None and self.known and self.known.url:
            path = self.fetch()
        if path is None or not path.is_file():
            where = ["set ZOO_DATA to the folder that holds it"] if self.known else []
            own = ["train on a text of your own with --text FILE"] if trains() else []
            raise DataNotFound(f"{self.path} is not at hand: {', or '.join(where + own) or 'give another'}")
        return content(path, self.known, self.expected) if self.known and self.expected else path.read_bytes()

    @cached_property
    def _own(self) -> bytes:
        return self._bytes()

    def read(self) -> str:
        """Return the whole text, fetched where it has a public source and is not at hand.

        Raises:
            DataNotFound: the file is not there, and not to be had.
            DataDamaged: it is not the text that was expected.
            ValueError: it is no text as `zoo.texts` reads it, or shorter than 10,500 characters.
        """
        try:
            text = texts.read(self._bytes() if self.known else self._own)
        except texts.TextError as error:
            raise ValueError(f"{self.path} cannot be learnt from: {error}") from error
        if len(text) < 10_500:
            raise ValueError(f"{self.path} has {len(text):,} characters: a model needs 10,500 or more")
        return text

    def fetch(self) -> Path:
        """Fetch the text from its public source with a progress bar; return the file it is kept in.

        Raises:
            DataNotFound: the source cannot be reached.
            ValueError: it gave something else.
        """
        from torch.hub import download_url_to_file

        if self.known is None:
            raise DataNotFound(f"{self.path} is a text of your own, with no public source")
        path = fetched(str(self.path))
        try:
            download_url_to_file(self.known.url, str(path), self.expected)
        except OSError as error:
            raise unreachable(self.known, error) from error
        except RuntimeError as error:  # of another hash; what came is deleted
            raise changed(self.known, str(error)) from error
        return path

    @property
    def SHA256(self) -> str:
        """Hash of the file's bytes."""
        return self.expected or sha256(self._own).hexdigest()

    @property
    def BEGINNINGS(self) -> tuple[str, ...]:
        """The first eight characters of four lines of the validation part, or of the whole where nothing can be seen in that."""
        parts = ([line for line in text.splitlines() if line.strip()] for text in (self.load("test"), self.read()))
        lines = next(filter(None, parts))
        return tuple(lines[i * len(lines) // 4][:8] for i in range(4))

    def load(self, split: str) -> str:
        """Return the 'train' or 'test' part; errors as `read`."""
        text = self.read()
        cut = int(SPLIT * len(text))
        return {"train": text[:cut], "test": text[cut:]}[split]


at = Text
