"""`python -m train list | verify NAME... | all`: every training command, and the check of every card's figures."""

import argparse
import importlib
import pkgutil
import subprocess
import sys

import train
import zoo
from train.core import command
from zoo.data import Pictures, Specimens, module, named, names
from zoo.data.spoken import Spoken


def judges() -> set[str]:
    """Return the families that others are measured by, which are trained first."""
    sets = [module(name) for name in names()]
    found = {data.JUDGE for data in sets if isinstance(data, (Pictures, Specimens)) and data.JUDGE}
    for data in sets:
        found |= {*data.LISTENERS.values(), data.VOCODER} if isinstance(data, Spoken) else set()
    return {name.split(".")[0] for name in found}


def variants() -> dict[str, object]:
    """Return the settings of every checkpoint that the scripts can train, by name, in training order."""
    found = {}
    stems = {stem for _, stem, _ in pkgutil.iter_modules(train.__path__)} - {"__main__", "core"}
    first = judges()
    for stem in sorted(stems, key=lambda stem: (stem not in first, stem)):
        for variant, settings in importlib.import_module(f"train.{stem}").VARIANTS.items():
            found[f"{stem}.{variant}"] = settings
    return found


def verify(name: str, *, full: bool) -> bool:
    """Measure a checkpoint again and print card, measured and verdict; return whether all agree.

    Raises:
        ValueError: the card was measured on other data or other weights than those at hand.
    """
    card = zoo.card(name)
    if card.provenance.own:
        raise ValueError(f"{name} was measured on data of its trainer's own: train it again to measure it")
    data = named(card.training["data"])
    if card.training["data_sha256"] != data.SHA256:
        raise ValueError(f"{name}: the card was measured on other data ({card.training['data_sha256']})")
    if card.sha256 != card.training["weights_sha256"]:
        raise ValueError(f"{name}: the weights are not those that were measured; restore them, or train again")
    difference = zoo.checkpoint.check(card.folder)
    print(f"{name}: golden outputs within {difference:.1e}")
    family = importlib.import_module(f"train.{card.family}")
    measured = {metric.name: metric for metric in family.evaluate(zoo.load(name), data, full=full)}
    passed = set(measured) == {metric.name for metric in card.metrics if full or not metric.full}
    print(f"  {'metric':18} {'card':>12} {'measured':>12} {'tolerance':>10}")
    for metric in card.metrics:
        if metric.full and not full:
            print(f"  {metric.name:18} {metric.value:12.5g} {'':>12} {'':>10}  only with --full")
            continue
        value = measured[metric.name].value
        good = abs(value - metric.value) <= metric.tolerance
        passed &= good
        print(
            f"  {metric.name:18} {metric.value:12.5g} {value:12.5g} {metric.tolerance:10g}  {'ok' if good else 'DIFFERS'}"
        )
    print(f"  {'passed' if passed else 'FAILED'}")
    return passed


def main() -> int:
    """Run the command line."""
    command.start()
    parser = argparse.ArgumentParser(prog="python -m train", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="every training command")
    check = commands.add_parser("verify", help="measure a checkpoint again and compare with its card")
    check.add_argument("names", nargs="*", metavar="NAME", help="all of them unless given")
    check.add_argument("--full", action="store_true", help="also what takes over two minutes")
    commands.add_parser("all", help="train everything, in order; hours on a laptop")
    arguments = parser.parse_args()
    if arguments.command == "list":
        for name in variants():
            family, variant = name.split(".")
            state = "in checkpoints" if name in zoo.names() else "not trained yet"
            print(f"python -m train.{family} {variant:12}  {state}")
    elif arguments.command == "verify":
        try:
            agreed = [verify(name, full=arguments.full) for name in arguments.names or zoo.names()]
            return 0 if all(agreed) else 1
        except (ValueError, LookupError, OSError) as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
    else:
        for name in variants():
            family, variant = name.split(".")
            if code := subprocess.run([sys.executable, "-m", f"train.{family}", variant]).returncode:
                return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
