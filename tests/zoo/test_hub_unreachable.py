"""Checkpoints from the Hub that are in the cache, where the Hub cannot be reached; the real huggingface_hub, in processes of its own."""

import json
from functools import partial

import pytest

from tests.fake_hub import FakeHub, Repo
from tests.hub_workplace import NAME, call, workplace_at

DRAW = """
import json, sys, warnings
import zoo
said = []
for name in json.loads(sys.argv[1]):
    with warnings.catch_warnings(record=True) as warned:
        try:
            said.append([str(float(zoo.load(name).sample(2, seed=1).sum())), *(str(warning.message) for warning in warned)])
        except (ValueError, LookupError) as error:
            said.append([f"{type(error).__name__}: {error}"])
print(json.dumps(said))
"""
WAYS = [500, 503, 429, "portal", "hang up"]  # in which the Hub may be unreachable, beside being switched off
GONE = [404, 403, 401]


def drawn_by(run, names: list[str], **options) -> list[list[str]]:
    """Return what one process draws with each model, or its error, and the warnings."""
    return json.loads(run("-c", DRAW, json.dumps(names), **options))


@pytest.fixture(scope="module")
def cached(tmp_path_factory):
    """A Hub with two commits of a repository, a workplace that has loaded them all, what that drew, the references and their commits."""
    place, server = workplace_at(tmp_path_factory.mktemp("cached")), FakeHub()
    run, repo = partial(call, server, place), Repo()
    server.repos["other/thing"] = repo
    first = repo.commit({path.name: path.read_bytes() for path in (place / "checkpoints" / NAME).iterdir()})
    repo.refs["v1"] = first
    last = repo.commit({"README.md": b"later"})
    commits = {"": last, "@v1": first, "@main": last, f"@{first}": first, f"@{last}": last}
    names = [f"hf-hub:other/thing{reference}" for reference in commits]
    yield (
        server,
        run,
        names,
        list(commits.values()),
        drawn_by(run, [f"local-dir:{place / 'checkpoints' / NAME}", *names]),
    )
    server.stop()


def test_any_repository_of_the_form_loads_by_its_name(cached):
    *_, drawn = cached
    assert float(drawn[0][0]) and all(said == drawn[0] for said in drawn)


ABSENT = ["hf-hub:other/thing@v2", f"hf-hub:other/thing@{40 * '0'}", "hf-hub:other/one"]


@pytest.fixture(scope="module", params=["switched off", "offline"])
def unreachable(cached, request):
    """What one process says of each name, of what is in the cache and then of what is not; and how often it asked the Hub."""
    server, run, names, *_ = cached
    offline = request.param == "offline"
    environment = {"HF_HUB_OFFLINE": "1"} if offline else {"HF_ENDPOINT": "http://127.0.0.1:9"}
    before = sum(server.seen.values())
    said = drawn_by(run, [*names, *ABSENT], **environment)
    return said[: len(names)], said[len(names) :], sum(server.seen.values()) - before, offline


@pytest.fixture(scope="module")
def refusing(cached):
    """What one process says of each name when the Hub answers in each of the ways, and then that there is none; and the faults left."""
    server, run, names, commits, _ = cached
    asked = [name for name in names if name[-40:] not in commits]
    server.faults = {"/api/models/other/thing": [way for way in WAYS for _ in asked] + GONE}
    said = drawn_by(run, [*names * len(WAYS), *asked])
    return said[: -len(asked)], said[-len(asked) :], server.faults["/api/models/other/thing"]


def check(cached, said: list[list[str]]) -> None:
    """Compare what is said of each name with what it drew; what is no commit has a warning."""
    _, _, names, commits, ((drawn,), *_) = cached
    for name, commit, (found, *warned) in zip(names, commits, said, strict=True):
        assert found == drawn and len(warned) == (not name.endswith(commit))
        for warning in warned:
            assert (
                warning.startswith(f"{name}: the Hub cannot be reached (") and f"hf-hub:other/thing@{commit}" in warning
            )


def test_what_is_in_the_cache_loads_where_the_hub_cannot_be_reached(cached, unreachable):
    said, _, asked, _ = unreachable
    check(cached, said)
    assert not asked


@pytest.mark.parametrize("way", WAYS)
def test_what_is_in_the_cache_loads_where_the_hub_answers_nothing_of_use(cached, refusing, way):
    said, start = refusing[0], len(cached[2]) * WAYS.index(way)
    check(cached, said[start : start + len(cached[2])])


def test_what_is_not_in_the_cache_is_named_where_the_hub_cannot_be_reached(unreachable):
    _, said, _, offline = unreachable
    for name, (error,) in zip(ABSENT, said, strict=True):
        assert error.startswith(f"CheckpointNotFound: {name}")
        assert ("HF_HUB_OFFLINE forbids" if offline else "try again") in error


def test_what_the_hub_has_no_more_is_not_taken_from_the_cache(refusing):
    _, said, left = refusing
    for (error,), status in zip(said, GONE, strict=True):
        assert error.startswith("CheckpointNotFound: ") and f"the Hub answers {status}" in error
    assert not left
