"""Kill a training and its publishing at random moments, and fill the disk under them: `python tests/benchmarks/torture.py`.

A small char-GPT learns one text, then another in its place, and so on in turn. Each time it is killed, half the times at a random
moment, half before a random one of its file operations; or it finds no room. Whatever is then in `checkpoints/` must be the whole
old or the whole new checkpoint, and the same command, given again, must end with the very weights of a run that nothing stopped,
and leave nothing else behind. With --folder on a small file system of its own (under 64 MB) the disk is really filled up,
else files are limited in size.
"""

import argparse
import hashlib
import json
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from train import char_gpt  # noqa: E402
from zoo import checkpoint, hub, places  # noqa: E402
from zoo.card import Card  # noqa: E402
from zoo.files import DiskFull  # noqa: E402
from zoo.models.char_gpt import Config  # noqa: E402

NAME = "char_gpt.letters"
TEXTS = {
    "sea": "".join(f"Dear friend, {i} days the sea was calm and grey.\n" for i in range(300)),
    "hill": "".join(f"My dear, on day {i} we went up the green hill.\n" for i in range(300)),
}
DONE, FULL, BROKEN = 0, 3, 4  # how a child ends
SMALL = 2**26  # bytes of a file system that is filled up
OPERATIONS = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate"}


def settings(folder: Path) -> char_gpt.CharGPTSettings:
    """Return those of 100 steps, with a resume point after 50 of them."""
    return char_gpt.CharGPTSettings(
        epochs=4, batch_size=8, warmup=10, snapshots=3, save_every=0, evaluate_every=50, bf16=False,
        model=Config(layers=1, heads=2, width=8, window=64), text=folder / "letters.txt", unfit="afresh",
        runs=folder / "runs", checkpoints=folder / "checkpoints",
    )  # fmt: skip


def child(
    folder: Path,
    *,
    operation: int = 0,
    fill: Callable[[], None] | None = None,
    late: bool = False,
    count: Path | None = None,
) -> int:
    """Start the training in a process of its own and return its number.

    Args:
        operation: it is killed before this one of its file operations, counted from 1.
        fill: leaves no room, from the beginning, or with `late` when publishing begins.
        count: where to write how many file operations there were.
    """
    if pid := os.fork():
        return pid
    code, seen = BROKEN, 0

    def watch(event: str, arguments: tuple) -> None:
        nonlocal seen
        written = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if event in OPERATIONS or written:
            seen += 1
            if seen == operation:
                os.kill(os.getpid(), signal.SIGKILL)

    try:
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, 1)
        os.dup2(devnull, 2)
        if fill and late:
            publish = char_gpt.publish
            char_gpt.publish = lambda *arguments, **options: (fill(), publish(*arguments, **options))
        elif fill:
            fill()
        sys.addaudithook(watch)
        char_gpt.train("shakespeare", settings(folder))
        code = DONE
        if count:
            total = seen
            count.write_text(str(total))
    except DiskFull:
        code = FULL
    except BaseException:
        (folder.parent / f"{folder.name}-error.txt").write_text(traceback.format_exc())
    os._exit(code)


def limit(size: int) -> None:
    """Let files have no more than so many bytes in this process: more is an error, as on a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def ballast(path: Path, room: int) -> None:
    """Fill a file system up with a file, but for some room."""
    stat = os.statvfs(path.parent)
    with open(path, "wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, stat.f_bavail * stat.f_frsize - room))


def ended(pid: int) -> int:
    """Wait for a child; return its exit code, negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def hashes(folder: Path) -> dict[str, str]:
    """Return the sha256 of a folder's files, by name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def found(folder: Path, old: dict[str, str] | None, weights: str) -> str:
    """Return whether the checkpoint, as the zoo finds it, is the 'old' or the 'new' one; raise where it is neither, whole."""
    os.environ["ZOO_CHECKPOINTS"] = str(folder / "checkpoints")
    os.environ["ZOO_CACHE"] = str(folder / "cache")
    there = places.find(NAME)
    if there is None:
        assert old is None, "the old checkpoint is gone"
        assert NAME not in places.names()
        return "old"
    now = hashes(there[0])
    if now == old:
        return "old"
    assert NAME in places.names()
    card = Card.read(*hub.find(NAME))
    assert card.sha256 == weights, "other weights than those of a run that nothing stopped"
    assert not card.doubt, card.doubt
    assert set(now) == {"model.safetensors", "config.json", "golden.safetensors", "metrics.json", "history.json", "notes.md"} - (
        set() if old and "notes.md" in old else {"notes.md"}
    ), sorted(now)  # fmt: skip
    assert card.history["moments"][-1]["step"] == card.training["steps"] and card.markdown()
    checkpoint.check(card.folder)
    return "new"


def tidy(folder: Path) -> None:
    """Assert that nothing is left but the checkpoint, and no temporary file in the run."""
    assert [path.name for path in (folder / "checkpoints").iterdir()] == [NAME]
    assert not [path for path in folder.rglob("*") if path.name.endswith(".tmp")]


def torture(folder: Path, *, kills: int, full: int, seed: int = 0) -> Counter:
    """Do it so many times in a folder; return what was found, counted.

    Raises:
        AssertionError: something was found that was not whole, or did not go on.
    """
    torch.set_num_threads(1)
    char_gpt.random_windows = partial(char_gpt.random_windows, batches=2)
    chance, counts = random.Random(seed), Counter()
    text, elsewhere = folder / "letters.txt", Path(tempfile.mkdtemp(prefix="torture-"))
    stat = os.statvfs(folder)
    small = stat.f_blocks * stat.f_frsize < SMALL

    def run(**how: object) -> None:
        assert ended(child(folder, **how)) == DONE, (folder.parent / f"{folder.name}-error.txt").read_text()

    tqdm.monitor_interval = 0  # no thread beside the one that forks
    (elsewhere / "letters.txt").write_text(TEXTS["sea"])
    char_gpt.train("shakespeare", settings(elsewhere))  # what a first run imports, a child need not
    weights = {}
    for key, content in TEXTS.items():
        text.write_text(content)
        began = time.monotonic()
        run(count=elsewhere / "count")
        lasted = time.monotonic() - began
        weights[key] = checkpoint.sha256(folder / "checkpoints" / NAME)
        sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
        published = [path.stat().st_size for path in (folder / "checkpoints" / NAME).iterdir()]
    operations = int((elsewhere / "count").read_text())
    (folder / "checkpoints" / NAME / "notes.md").write_text("Written by hand.\n")
    counts["file operations of a run"] = operations
    assert len(set(weights.values())) == 2

    keys = list(TEXTS)  # the last one learnt is there now
    for turn in range(kills + full):
        key = keys[turn % 2]
        old = hashes(folder / "checkpoints" / NAME)
        text.write_text(TEXTS[key])
        if turn < kills:
            # The latter half of them is publishing's.
            aimed = chance.randint(1 if turn % 4 < 2 else operations // 2, operations) if turn // 2 % 2 else 0
            pid = child(folder, operation=aimed)
            if not aimed:
                time.sleep(chance.uniform(0, 1.05 * lasted))
                os.kill(pid, signal.SIGKILL)
            how = "killed before a file operation" if aimed else "killed at a moment"
            code = ended(pid)
            assert code in (DONE, -signal.SIGKILL), code
        else:
            late = turn % 4 > 1
            needed = published if late else sizes
            if small:
                fill = partial(ballast, folder / "ballast", chance.randint(0, 2 * sum(needed)))
            else:
                fill = partial(limit, chance.randint(1, max(needed)))
            code = ended(child(folder, fill=fill, late=late))
            (folder / "ballast").unlink(missing_ok=True)
            how = f"{'disk full' if small else 'file too large'} {'in publishing' if late else 'in training'}"
        if turn >= kills:
            assert code in (DONE, FULL), (folder.parent / f"{folder.name}-error.txt").read_text()
            assert not [path for path in folder.rglob("*") if path.name.endswith(".tmp")], "temporary files left"
        counts[f"{how}: {'came through' if code == DONE else found(folder, old, weights[key])}"] += 1
        run()
        assert found(folder, old, weights[key]) == "new" and (folder / "checkpoints" / NAME / "notes.md").exists()
        tidy(folder)
    return counts


def main() -> None:
    """Run it; print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--full", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="empty folder to do it in; a temporary one unless given")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        began = time.monotonic()
        folder = (arguments.folder or Path(temporary, "torture")).resolve()
        folder.mkdir(exist_ok=True)
        counts = torture(folder, kills=arguments.kills, full=arguments.full, seed=arguments.seed)
        print(json.dumps(counts, indent=1), f"{time.monotonic() - began:.0f} s", sep="\n")


if __name__ == "__main__":
    main()
