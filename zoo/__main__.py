"""`python -m zoo list | card | sample | check | pull | push | data`: checkpoints and data sets from the command line."""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor

import zoo
from zoo import checkpoint, data, hub, hugging_face
from zoo.card import write_all
from zoo.files import given, whole
from zoo.pictures import grid
from zoo.sound import ended, griffin_lim, wav
from zoo.texts import printable, tidy

PAUSE = 1600  # samples between two words


def sample(arguments: argparse.Namespace) -> None:
    """Write samples as one PNG, in rows of up to ten, or as a WAV, one after the other; print texts."""
    folder = hub.find(arguments.name)[0]
    model: Any = checkpoint.read(folder)
    family = checkpoint.family(checkpoint.read_config(folder)["name"])
    if family.TASK != "generate":
        raise ValueError(f"{arguments.name} has nothing to sample by itself: see its card")
    options = {} if arguments.temperature is None else {"temperature": arguments.temperature}
    if arguments.label is not None:
        if "label" not in family.TAKES:
            raise ValueError(f"{arguments.name} knows no labels: leave --label out")
        options["label"] = arguments.label
    if arguments.prompt is not None:
        if "prompt" not in family.TAKES:
            raise ValueError(f"{arguments.name} writes no text: leave --prompt out")
        options["prompt"] = tidy(arguments.prompt)
    for what in ("word", "voice"):
        if (asked := getattr(arguments, what)) is not None:
            known = getattr(model, f"{what}s", ())
            if asked not in known:
                raise ValueError(f"{arguments.name} knows the {what}s: {', '.join(known) or 'none'}")
            options[what] = known.index(asked)
    x = model.sample(arguments.n, seed=arguments.seed, **options)
    if family.MAKES == "sound":
        s, frames = x
        return spoken(s, frames, given(arguments.out or Path("sample.wav")))
    if family.MAKES == "text":
        print("\n\n".join(options.get("prompt", "") + text for text in x))
        return
    out = given(arguments.out or Path("sample.png"))
    kind = Image.registered_extensions().get(out.suffix.lower())
    if not kind:
        raise ValueError(f"{out}: no kind of picture ends like this; call it .png")
    with whole(out) as path:
        Image.fromarray(grid(x, columns=min(10, arguments.n))).save(path, kind)
    print(f"{out}: {arguments.n} pictures")


def spoken(s: Tensor, frames: Tensor, out: Path) -> None:
    """Write spectrograms (n, 128, T), of so many frames (n,) each, as one WAV."""
    if out.suffix.lower() != ".wav":
        raise ValueError(f"{out}: no kind of sound that is written here ends like this; call it .wav")
    vocoder: Any = zoo.load("vocoder.speech") if "vocoder.speech" in zoo.names() else None
    heard = vocoder.decode(s) if vocoder else griffin_lim(s)
    words = [x.numpy() for x in ended(heard, frames)]
    with whole(out) as path:
        path.write_bytes(wav(np.concatenate([part for x in words for part in (x, np.zeros(PAUSE, np.float32))])))
    print(f"{out}: {len(words)} words")


def chosen(arguments: argparse.Namespace, there: Iterable[str]) -> list[str]:
    """Return the names asked for; all there are with --all.

    Raises:
        ValueError: none is asked for.
    """
    if not arguments.names and not arguments.all:
        raise ValueError(f"give a NAME or --all. There are: {', '.join(there) or 'none'}")
    return list(there) if arguments.all else arguments.names


def data_sets() -> None:
    """Print what is known of each data set, and which checkpoints at hand learned from it."""
    for name in data.names():
        known = data.module(name).PROVENANCE
        state = "at hand" if data.at_hand(name) else f"python -m zoo data get {name}" if known.url else "not at hand"
        size = f"{known.size / 1e6:.1f} MB" if known.files else "no file"
        users = [user for user in zoo.names() if zoo.card(user).training["data"] == name]
        print(f"{name:12} {size:>8}  {known.title}: {state}")
        for key, value in (("from", known.source), ("licence", known.license), ("used by", ", ".join(users) or "none")):
            print(f"  {key:8} {value}")


def main() -> int:
    """Run the command line; errors end in one line that names the fix."""
    printable()
    parser = argparse.ArgumentParser(prog="python -m zoo", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="the checkpoints at hand")
    card = commands.add_parser(
        "card", help="print a checkpoint's card; --write writes all cards and the README's gallery"
    )
    card.add_argument("name", nargs="?")
    card.add_argument("--write", action="store_true")
    draw = commands.add_parser("sample", help="write samples as a PNG or a WAV, or print them where they are texts")
    draw.add_argument("name")
    draw.add_argument("--seed", type=int, default=0)
    draw.add_argument("--n", type=int, default=16)
    draw.add_argument("--label", type=int)
    draw.add_argument("--temperature", type=float)
    draw.add_argument("--prompt", help="a text's beginning")
    draw.add_argument("--word", help="a spoken word")
    draw.add_argument("--voice", help="whose")
    draw.add_argument("--out", type=Path, help="sample.png or sample.wav unless given")
    check = commands.add_parser("check", help="compare a checkpoint with its golden outputs")
    check.add_argument("names", nargs="*", metavar="NAME", help="all of them unless given")
    pull = commands.add_parser("pull", help="fetch published checkpoints from the Hugging Face Hub into the cache")
    push = commands.add_parser("push", help="publish checkpoints on the Hugging Face Hub, and pin what was published")
    for command in (pull, push):
        command.add_argument("names", nargs="*", metavar="NAME")
        command.add_argument("--all", action="store_true", help="every one")
    pull.add_argument("--force", action="store_true", help="fetch even what is in the cache")
    push.add_argument("--owner", required=True, help="user or organisation on the Hub")
    push.add_argument("--private", action="store_true", help="new repositories are private")
    push.add_argument("--tag", help="tag the commits")
    sets = commands.add_parser("data", help="the data sets: at hand or not, size, where from, licence, who uses them")
    get = sets.add_subparsers(dest="wish").add_parser("get", help="fetch data sets that have a public source")
    get.add_argument("names", nargs="+", metavar="NAME")
    arguments = parser.parse_args()
    try:
        if arguments.command == "list":
            for name in zoo.names():
                folder, kind = hub.find(name)
                size = (folder / "model.safetensors").stat().st_size
                card = zoo.card(name)
                print(f"{name:16} {size / 1e6:6.2f} MB  {kind:10}  {card.summary}{' ' * bool(card.doubt)}{card.doubt}")
        elif arguments.command == "card":
            if arguments.write:
                write_all()
            elif arguments.name:
                print(zoo.card(arguments.name).markdown())
            else:
                parser.error("card needs a NAME, or --write")
        elif arguments.command == "sample":
            sample(arguments)
        elif arguments.command == "data" and arguments.wish == "get":
            for name in arguments.names:
                data.get(name)
                files = (str(data.find(file)) for file in data.module(name).PROVENANCE.files)
                print(f"{name}: {', '.join(['at hand', *files])}")
        elif arguments.command == "data":
            data_sets()
        elif arguments.command == "pull":
            for name in chosen(arguments, hugging_face.pins()):
                folder = hugging_face.pull(name, force=arguments.force)
                print(f"{name}: {folder}, within {checkpoint.check(folder):.1e} of its golden outputs")
        elif arguments.command == "push":
            published = chosen(arguments, zoo.names())
            for name in published:
                pin = hugging_face.push(name, arguments.owner, private=arguments.private, tag=arguments.tag)
                print(f"{name}: {pin.repo} at {pin.revision}, pinned in zoo/pins/{name}.json")
            if arguments.all:
                print(hugging_face.collect(arguments.owner, published, private=arguments.private))
        else:
            for name in arguments.names or zoo.names():
                print(f"{name}: within {checkpoint.check(hub.find(name)[0]):.1e} of its golden outputs")
    except (ValueError, LookupError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
