"""Pictures of one's own: cut out, one thing each, in a folder; subfolders name their kinds."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path

import numpy as np
from PIL import Image

from zoo.data import DataNotFound, Provenance
from zoo.data.butterflies import Butterflies

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
WHITE = 0.06  # a pixel this near to white is ground, in pictures without transparency


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

    def _place(self, file: Path, size: int) -> tuple[np.ndarray, np.ndarray]:
        placed = place(file, size)
        if sha256(file.read_bytes()).hexdigest() != self._hashes[file]:
            raise ValueError(f"{file} was changed meanwhile: start again, with the folder left alone")
        return placed

    def files(self) -> list[Path]:
        """Return the pictures, sorted by name.

        Raises:
            DataNotFound: there are fewer than 20.
        """
        found = sorted(file for file in self.path.rglob("*") if file.suffix.lower() in SUFFIXES)
        if len(found) < 20:
            raise DataNotFound(
                f"{self.path} holds {len(found)} pictures (PNG, WebP or JPEG); give a folder with 20 or more, "
                "cut out on transparency or on white"
            )
        return found

    @lru_cache(maxsize=2)  # noqa: B019 - a folder lives as long as its training
    def specimens(self, split: str, size: int = 256) -> Butterflies:
        """Load one split: a tenth of the pictures, chosen by their bytes, is for testing.

        Raises:
            DataNotFound: too few pictures.
            ValueError: a picture cannot be read, was changed, or nothing stands on its ground.
        """
        rows = [f for f, known in self._hashes.items() if (int(known[:2], 16) % 10 == 0) == (split == "test")]
        if not rows:
            raise DataNotFound(f"{self.path} has no picture for the {split} split: add some")
        placed = [self._place(file, size) for file in rows]
        kinds = [str(file.parent.relative_to(self.path)).replace("|", "-") for file in rows]
        return Butterflies(
            images=np.stack([image for image, _ in placed]),
            masks=np.stack([mask for _, mask in placed]),
            kinds=np.array([f"{'all' if kind == '.' else kind}||" for kind in kinds]),
            sources=np.array(["folder"] * len(rows)),
            symmetry=np.ones(len(rows), np.float32),
        )


at = Folder


def place(file: Path, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Centre what a picture shows on white, its longest side 92 % of the square.

    Returns:
        image (size, size, 3) and mask (size, size), uint8.

    Raises:
        ValueError: the file is no picture, or nothing stands on its ground.
    """
    try:
        with Image.open(file) as opened:
            image = opened.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"{file} cannot be read as a picture ({error}): mend or remove it") from error
    pixels = np.asarray(image)
    if pixels[..., 3].min() == 255:
        mask = ((255 - pixels[..., :3].astype(int)).max(-1) > WHITE * 255).astype(np.uint8) * 255
        image.putalpha(Image.fromarray(mask))
    box = image.getchannel("A").point(lambda value: 255 * (value > 127)).getbbox()
    if box is None:
        raise ValueError(f"{file} shows nothing: neither transparency nor a white ground with something on it")
    thing = image.crop(box)
    scale = 0.92 * size / max(thing.size)
    thing = thing.resize([max(1, round(side * scale)) for side in thing.size], Image.Resampling.LANCZOS)
    ground = Image.new("RGBA", (size, size), (255, 255, 255, 0))
    ground.paste(thing, ((size - thing.width) // 2, (size - thing.height) // 2))
    mask = np.asarray(ground.getchannel("A"))
    white = Image.alpha_composite(Image.new("RGBA", (size, size), "white"), ground)
    return np.asarray(white.convert("RGB")), mask
