"""Files and folders that are written whole or not at all, whatever befalls: an error, a full disk, a kill at any moment."""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}  # no room on the disk, in one's share, or under a limit for files


class DiskFull(OSError):
    """There is no room for a file; the message names it. Nothing of it was written, and what it was to replace is kept."""


def full(error: BaseException) -> bool:
    """Return whether an error says that there is no room."""
    return isinstance(error, DiskFull) or (isinstance(error, OSError) and error.errno in FULL)


@contextmanager
def room(path: Path) -> Iterator[None]:
    """Turn the system's error of a full disk into one that names the file and the remedy.

    Raises:
        DiskFull: there is no room.
    """
    try:
        yield
    except OSError as error:
        if isinstance(error, DiskFull) or not full(error):
            raise
        raise DiskFull(
            f"{path} cannot be written ({error.strerror}): what was there before is kept; make room and try again"
        ) from error


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a temporary name in the same folder to write to, which becomes `path` at the end; after an error nothing is left of it.

    Raises:
        FileNotFoundError: the folder is not there.
        DiskFull: there is no room.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path} cannot be written: there is no folder {path.parent}")
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with room(path):
            yield temporary
            os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """Give a copy of a folder to change, or an empty one; it takes the folder's place at the end.

    Until then `standing` gives the old one, and from then on the new one: that is so after a kill at any moment too, and
    after an error. What a kill leaves beside the folder is put right when it is replaced next.

    Raises:
        DiskFull: there is no room.
    """
    folder = folder.resolve()  # a link stays, and what it leads to is replaced
    beside = _beside(folder)
    new, old = (beside / age / folder.name for age in ("new", "old"))
    with room(folder):
        settle(folder)
        try:
            new.parent.mkdir(parents=True)
            if folder.exists():
                _copy(folder, new)
            else:
                new.mkdir()
            yield new
            if folder.exists():
                old.parent.mkdir()
                _move(folder, old)  # from here on the old one stands there
            os.rename(new, folder)
            if old.exists():
                os.rename(old, beside / "gone")  # and from here on the new one
        finally:
            settle(folder)


def standing(folder: Path) -> Path:
    """Return where a folder stands whole: in its place, or beside it where a kill cut short its replacement."""
    real = folder.resolve()
    old = _beside(real) / "old" / real.name
    return old if old.exists() else folder


def settle(folder: Path) -> None:
    """Bring a folder whose replacement was cut short back to its place, and remove what is left beside it."""
    old = _beside(folder) / "old" / folder.name
    if old.exists():
        if folder.exists():
            shutil.rmtree(folder)
        os.rename(old, folder)
    shutil.rmtree(_beside(folder), ignore_errors=True)


def given(path: str | Path) -> Path:
    """Return a path as people write it, where `~` is the home folder.

    Raises:
        ValueError: there is no home folder.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise ValueError(f"{path}: no home folder is known that ~ could stand for: write the path out") from error


def trains() -> bool:
    """Return whether the training scripts stand beside this package, as in the repository: an installed wheel has none."""
    return (Path(__file__).parents[1] / "train" / "core").is_dir()


def hashed(path: Path) -> str:
    """Return a file's sha256, hexadecimal, remembered until the file changes."""
    stat = path.stat()
    return _hashed(path, stat.st_ino, stat.st_mtime_ns, stat.st_size)  # another file may be as old: clocks are coarse


@lru_cache(maxsize=64)
def _hashed(path: Path, *version: int) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _beside(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.tmp"


def _copy(folder: Path, to: Path) -> None:
    """Copy a folder; `shutil.copytree` would hide the system's error."""
    to.mkdir()
    for path in folder.iterdir():
        _copy(path, to / path.name) if path.is_dir() else shutil.copy2(path, to / path.name)


def _move(folder: Path, to: Path) -> None:
    """Rename a folder; one of a container's image cannot be renamed, and is copied."""
    try:
        os.rename(folder, to)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        part = to.parent.with_name("part")
        _copy(folder, part)
        os.rename(part, to)
        shutil.rmtree(folder)
