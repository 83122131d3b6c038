"""The Hugging Face Hub: publish checkpoints, and fetch them by the commit and the hashes in `zoo/pins/`.

Every request is huggingface_hub's, which honours HF_TOKEN, HF_ENDPOINT and HF_HUB_OFFLINE. What is fetched is read once
before it counts, and appears whole or not at all.
"""

import json
import re
import shutil
import warnings
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from zoo import checkpoint, places
from zoo.checkpoint import MAX_CONFIG, CheckpointError
from zoo.data import cache
from zoo.files import hashed, replaced, whole
from zoo.places import NAME, CheckpointNotFound

REMOTE = re.compile(r"hf-hub:([A-Za-z0-9][\w.-]{0,95})/([A-Za-z0-9][\w.-]{0,95})(?:@([\w][\w./-]{0,200}))?")
COMMIT = re.compile(r"[0-9a-f]{40}")
REFUSED = (401, 403, 404)  # answers by which the Hub says that there is none, or none for us
FILES = (
    "model.safetensors", "config.json", "metrics.json", "golden.safetensors", "extras.safetensors", "forgotten.safetensors",
    "history.json", "history.webp", "samples.webp", "failures.webp", "study.json", "notes.md", "README.md",
)  # fmt: skip
NEEDED = {"model.safetensors", "config.json", "metrics.json"}
PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".h5", ".npz")
MAX_FILE = 2**26  # bytes of one file from the Hub: twice what we publish
COLLECTION = "Pocket Zoo"
PINS = Path(__file__).parent / "pins"
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Pin:
    """What a published checkpoint is known by."""

    repo: str
    """owner/name on the Hub"""
    revision: str
    """commit, 40 hexadecimal digits"""
    sha256: dict[str, str]
    """hash of each file"""


def pins() -> dict[str, Pin]:
    """Return what each published checkpoint is known by, by name."""
    return {path.stem: Pin(**json.loads(path.read_text("utf-8"))) for path in sorted(PINS.glob("*.json"))}


def _explained(call: Callable[P, T]) -> Callable[P, T]:
    """Turn huggingface_hub's errors into ours, which name the remedy."""

    @wraps(call)
    def explained(*args: P.args, **kwargs: P.kwargs) -> T:
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled
        from huggingface_hub.utils import httpx

        try:
            return call(*args, **kwargs)
        except OfflineModeIsEnabled as error:
            raise CheckpointNotFound(
                f"{args[0]} is not at hand, and HF_HUB_OFFLINE forbids fetching it: unset it"
            ) from error
        except HfHubHTTPError as error:
            status = error.response.status_code if error.response is not None else "no"
            remedy = {
                401: "log in with `hf auth login` or set HF_TOKEN",
                403: "use a token that may do this",
                404: "check the name and the revision",
                429: "wait a while and try again",
            }.get(status, "try again later; what was fetched is kept and gone on with")
            raise CheckpointNotFound(f"{args[0]}: the Hub answers {status} ({_line(error)}): {remedy}") from error
        except LocalEntryNotFoundError as error:
            raise CheckpointNotFound(
                f"{args[0]} is not at hand, and the Hub cannot be reached ({_line(error)}): connect once"
            ) from error
        except (OSError, RuntimeError, httpx.HTTPError, json.JSONDecodeError) as error:
            if isinstance(error, CheckpointNotFound):
                raise
            raise CheckpointNotFound(
                f"{args[0]}: fetching failed ({_line(error)}): try again, what was fetched is kept"
            ) from error

    return explained


def _line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


@_explained
def pull(name: str, *, force: bool = False) -> Path:
    """Fetch a pinned checkpoint into the cache, unless it is there; return its folder.

    Args:
        force: fetch it even so.

    Raises:
        CheckpointNotFound: it is not pinned, or the Hub cannot be reached.
        CheckpointError: a file is not what was pinned.
    """
    pin = pins().get(name)
    if pin is None:
        raise CheckpointNotFound(f"{name!r} is not published. Published: {', '.join(pins()) or 'none'}")
    target = cache() / "checkpoints" / name
    if not force and (target / "model.safetensors").is_file():
        return target
    return _fetch(pin.repo, pin.revision, target, pin.sha256)


@_explained
def remote(spec: str) -> Path:
    """Fetch any repository that holds a checkpoint of ours: 'hf-hub:owner/name@revision'; return its folder in the cache.

    A commit that is in the cache is not asked for. Where the Hub cannot be reached, the cache gives what a branch or tag stood for
    when it was fetched last, and a warning says so.

    Raises:
        CheckpointNotFound: the name is malformed, there is no such repository, or the Hub cannot be reached and it is not in the cache.
        CheckpointError: what it holds is refused.
    """
    match = REMOTE.fullmatch(spec)
    if not match or ".." in spec:
        raise CheckpointNotFound(f"{spec[:200]!r} is not of the form hf-hub:owner/name@revision")
    owner, repo, revision = match.groups()
    home = cache() / "hub" / f"{owner}--{repo}"
    if revision and COMMIT.fullmatch(revision) and (folder := _cached(home / revision)):
        return folder
    known = home / "refs" / (revision or "main").replace("/", "--")
    commit = _commit(spec, f"{owner}/{repo}", revision, known)
    folder = _cached(home / commit) or _fetch(f"{owner}/{repo}", commit, home / commit, None)
    if not known.is_file() or known.read_text() != commit:
        known.parent.mkdir(parents=True, exist_ok=True)
        with whole(known) as path:
            path.write_text(commit)
    return folder


def _cached(home: Path) -> Path | None:
    return next((weights.parent for weights in home.glob("*/model.safetensors")), None)


def _commit(spec: str, repo: str, revision: str | None, known: Path) -> str:
    """Return the commit that a branch, a tag or the start of a commit stands for: the Hub's answer, else what it was at last."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError
    from huggingface_hub.utils import httpx

    try:
        commit = HfApi().repo_info(repo, revision=revision).sha
    except (OSError, httpx.HTTPError, json.JSONDecodeError) as error:
        refused = (
            isinstance(error, HfHubHTTPError) and error.response is not None and error.response.status_code in REFUSED
        )
        if refused or not known.is_file() or not _cached(known.parents[1] / (last := known.read_text())):
            raise
        warnings.warn(
            f"{spec}: the Hub cannot be reached ({_line(error)}), so this is commit {last}, as it was fetched last; "
            f"hf-hub:{repo}@{last} never changes",
            stacklevel=2,
        )
        return last
    if not commit:
        raise CheckpointNotFound(f"{spec}: the Hub names no commit")
    return commit


def _listing(repo: str, commit: str) -> dict[str, int]:
    """Return the sizes of a repository's files that are ours; refuse what cannot be a checkpoint."""
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import RepoFile

    sizes = {
        entry.path: entry.size for entry in HfApi().list_repo_tree(repo, revision=commit) if isinstance(entry, RepoFile)
    }
    if missing := NEEDED - set(sizes):
        pickled = [path for path in sizes if path.endswith(PICKLED)]
        if pickled and "model.safetensors" in missing:
            raise CheckpointError(
                f"{repo} holds its weights only as {', '.join(pickled[:3])}: reading a pickle runs what is in it, so it is "
                "refused. Ask its author for safetensors"
            )
        raise CheckpointError(f"{repo} is no checkpoint of ours: it has no {', '.join(sorted(missing))}")
    ours = {path: size for path, size in sizes.items() if path in FILES}
    if large := [path for path, size in ours.items() if size > MAX_FILE]:
        raise CheckpointError(f"{repo}: {large[0]} has {ours[large[0]]:,} bytes, over the limit of {MAX_FILE:,}")
    return ours


def _fetch(repo: str, commit: str, target: Path, hashes: dict[str, str] | None) -> Path:
    """Fetch a repository's files at a commit into huggingface_hub's cache, check a copy, and put it into `target` or, where no
    hashes are known before, into a folder in it that is called as the checkpoint."""
    from huggingface_hub import snapshot_download

    sizes = _listing(repo, commit)
    wanted = sorted(hashes or sizes)
    if unsafe := [path for path in wanted if path not in FILES]:
        raise CheckpointError(f"{repo}: {unsafe[0]!r} is not a checkpoint's file")
    snapshot = Path(snapshot_download(repo, revision=commit, allow_patterns=wanted))
    try:
        for path in wanted:
            _check(snapshot / path, repo, sizes.get(path), hashes[path] if hashes else None)
        final = target if hashes else target / _name_in(snapshot / "config.json", repo)
        with replaced(final) as new:
            for old in new.iterdir():
                old.unlink()
            for path in wanted:
                shutil.copyfile(snapshot / path, new / path)
            checkpoint.read(new)
    except CheckpointError:
        for path in wanted:  # or the next attempt would find the same
            (snapshot / path).resolve().unlink(missing_ok=True)
        shutil.rmtree(snapshot)
        raise
    return final


def _check(file: Path, repo: str, size: int | None, sha256: str | None) -> None:
    """Refuse a fetched file that has not the size listed and the hash pinned."""
    if not file.is_file():
        raise CheckpointError(f"{repo}: {file.name} is pinned and not there")
    if (found := file.stat().st_size) != size or found > MAX_FILE:
        raise CheckpointError(
            f"{repo}: {file.name} has {found:,} bytes, not the {size} that the Hub lists: pull it again"
        )
    if sha256 and (other := hashed(file)) != sha256:
        raise CheckpointError(f"{repo}: {file.name} has sha256 {other}, pinned is {sha256}: it was changed or damaged")


def _name_in(config: Path, repo: str) -> str:
    """Return the checkpoint's name that a fetched config.json gives."""
    try:
        if config.stat().st_size > MAX_CONFIG:
            raise ValueError(f"it is over {MAX_CONFIG} bytes")
        name = str(json.loads(config.read_text("utf-8"))["name"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise CheckpointError(f"{repo}: config.json names no checkpoint: {error}") from error
    if not NAME.fullmatch(name):
        raise CheckpointError(f"{repo}: config.json names {name[:60]!r}, which is no checkpoint's name")
    return name


@_explained
def push(name: str, owner: str, *, private: bool = False, tag: str | None = None) -> Pin:
    """Publish a checkpoint of this machine as owner/name, and pin what was published; return the pin.

    Args:
        private: make the repository private where it is new.
        tag: tag the commit.

    Raises:
        CheckpointNotFound: there is none of that name here, or the Hub refuses.
        CheckpointError: its files are broken or do not give their golden outputs.
    """
    from huggingface_hub import HfApi

    found = places.find(name)
    if found is None:
        raise CheckpointNotFound(f"No checkpoint {name!r} here to publish. Have: {', '.join(places.names()) or 'none'}")
    folder = found[0]
    checkpoint.check(folder)
    api, repo = HfApi(), f"{owner}/{name}"
    api.create_repo(repo, private=private, exist_ok=True)
    done = api.upload_folder(
        repo_id=repo, folder_path=folder, allow_patterns=list(FILES), commit_message=f"Publish {name}"
    )
    if tag:
        api.create_tag(repo, tag=tag, revision=done.oid, exist_ok=True)
    there = sorted(set(FILES) & {file.name for file in folder.iterdir()})
    hashes = {path: hashed(folder / path) for path in there}
    pin = Pin(repo, done.oid, hashes)
    PINS.mkdir(exist_ok=True)
    with whole(PINS / f"{name}.json") as path:
        path.write_text(json.dumps(asdict(pin), indent=1) + "\n")
    return pin


@_explained
def collect(owner: str, published: Iterable[str], *, private: bool = False) -> str:
    """Group an owner's checkpoints in a collection; return its address."""
    from huggingface_hub import HfApi

    api = HfApi()
    collection: Any = api.create_collection(COLLECTION, namespace=owner, private=private, exists_ok=True)
    for name in published:
        api.add_collection_item(collection.slug, item_id=f"{owner}/{name}", item_type="model", exists_ok=True)
    return collection.url
