"""Pictures of one's own: one thing each, cut out or on a plain ground, in a folder; subfolders name their kinds."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path

import numpy as np

from zoo.cutouts import cut_out
from zoo.data import DataNotFound, Provenance
from zoo.data.butterflies import Butterflies
from zoo.photos import PhotoError, read

PROVENANCE = Provenance(
    title="pictures from a folder",
    hub_id="folder",
    license="other: as the pictures' own",
    source="A folder of the trainer's",
    citation="none",
    weights_license="other",
    own=True,
)
SUFFIXES = {".png", ".webp", ".jpg", ".jpeg"}
COMPANIONS = {"__MACOSX", "Thumbs.db", "desktop.ini"}  # beside all whose names begin with a point
LEAST = 20


@dataclass(frozen=True, eq=False)  # another reading of the same folder is another data set
class Folder:
    """A folder of pictures that loads like a data set, as it was when it was first looked at: `zoo.data.Specimens`."""

    path: Path

    PROVENANCE, JUDGE, FAMILIES = PROVENANCE, None, None

    @property
    def SHA256(self) -> str:
        """Hash of all pictures' names, from this folder on, and bytes."""
        known = [f"{file.relative_to(self.path).as_posix()}\0{digest}\n" for file, digest in self._hashes.items()]
        return sha256("".join(known).encode()).hexdigest()

    @cached_property
    def _hashes(self) -> dict[Path, str]:
        return {file: sha256(file.read_bytes()).hexdigest() for file in self.files()}

    def _place(self, file: Path, size: int) -> tuple[np.ndarray, np.ndarray, str]:
        picture = file.read_bytes()
        if sha256(picture).hexdigest() != self._hashes[file]:
            raise ValueError(f"{file} was changed meanwhile: start again, with the folder left alone")
        try:
            return place(picture, size)
        except PhotoError as error:
            raise ValueError(f"{file}: {error} Or take it out of the folder.") from error

    def files(self) -> list[Path]:
        """Return the pictures, sorted by name.

        Raises:
            DataNotFound: there are fewer than `LEAST`.
        """
        found = sorted(file for file in self._all() if file.suffix.lower() in SUFFIXES)
        if len(found) < LEAST:
            raise DataNotFound(
                f"{self.path} holds {len(found)} pictures (PNG, WebP or JPEG{self.left_out()}); give a folder with {LEAST} or more, "
                "cut out on transparency or on a plain ground"
            )
        return found

    def left_out(self) -> str:
        """Return in a few words which files are no pictures that can be used, by their endings; '' where there are none."""
        found = Counter(
            file.suffix.lower() or "no ending" for file in self._all() if file.suffix.lower() not in SUFFIXES
        )
        return "; left out: " + ", ".join(f"{n} with {end}" for end, n in sorted(found.items())) if found else ""

    def _all(self) -> list[Path]:
        """Return the files that people mean: not those that systems and programs put beside them."""
        inside = ((file, file.relative_to(self.path).parts) for file in self.path.rglob("*") if file.is_file())
        return [file for file, parts in inside if not any(part.startswith(".") or part in COMPANIONS for part in parts)]

    def report(self, size: int = 256) -> str:
        """Return in a sentence how many pictures there are, and what told their things from their grounds."""
        found = Counter(by for split in ("train", "test") for by in self._cut(split, size)[2])
        cut = " and ".join(f"{n} by their {by}" for by, n in sorted(found.items()))
        return f"{self.path}: {found.total()} pictures, cut out {cut}{self.left_out()}"

    def _split(self, split: str) -> list[Path]:
        """Return a split's pictures: a tenth of all, those whose hashes come first, is for testing."""
        ranked = sorted(self._hashes, key=lambda file: (self._hashes[file], file))
        part = max(1, len(ranked) // 10)
        return ranked[:part] if split == "test" else sorted(ranked[part:])

    @lru_cache(maxsize=4)  # noqa: B019 - a folder lives as long as its training
    def _cut(self, split: str, size: int) -> tuple[np.ndarray, np.ndarray, list[str]]:
        images, masks, by = zip(*(self._place(file, size) for file in self._split(split)), strict=True)
        return np.stack(images), np.stack(masks), list(by)

    def specimens(self, split: str, size: int = 256) -> Butterflies:
        """Load one split: a tenth of the pictures, chosen by their bytes, is for testing.

        Raises:
            DataNotFound: too few pictures.
            ValueError: a picture cannot be read, was changed, or nothing can be told from its ground.
        """
        images, masks, _ = self._cut(split, size)
        kinds = [str(file.parent.relative_to(self.path)).replace("|", "-") for file in self._split(split)]
        return Butterflies(
            images=images,
            masks=masks,
            kinds=np.array([f"{'all' if kind == '.' else kind}||" for kind in kinds]),
            sources=np.array(["folder"] * len(images)),
            symmetry=np.ones(len(images), np.float32),
        )


at = Folder


def place(picture: bytes, size: int) -> tuple[np.ndarray, np.ndarray, str]:
    """Centre what a picture shows on white, its longest side 92 % of the square.

    Returns:
        image (size, size, 3) and mask (size, size), uint8, and what told it from its ground, as `zoo.cutouts.CutOut` has it.

    Raises:
        PhotoError: it is no picture, or nothing can be told from its ground.
    """
    cut = cut_out(read(picture, largest=4 * size, trusted=True), 2 * size)
    inside = cut.mask[..., None]
    on_white = np.concatenate([cut.pixels * inside + 1 - inside, inside], -1)
    small = on_white.reshape(size, 2, size, 2, 4).mean((1, 3))  # edges become soft
    pixels = (small * 255).round().astype(np.uint8)
    return pixels[..., :3], pixels[..., 3], cut.by
