"""`python -m playground.gradio_apps build | push NAME`: the demos as Hugging Face Spaces, each in a folder that needs nothing else."""

import argparse
import sys
from pathlib import Path

from playground.hosts import space
from zoo.texts import printable


def main() -> int:
    """Run the command line; errors end in one line that names the fix."""
    printable()
    parser = argparse.ArgumentParser(prog="python -m playground.gradio_apps", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="write a Space's folder")
    push = commands.add_parser("push", help="publish a Space")
    for command in (build, push):
        command.add_argument(
            "name",
            choices=[*space.apps(), space.WHOLE],
            help=f"a demo, or '{space.WHOLE}': the whole playground as a Docker Space",
        )
        command.add_argument(
            "--static", action="store_true", help="a page without a server, whose networks run in the visitor's browser"
        )
        command.add_argument(
            "--torch-index", metavar="URL", help="package index to take torch from, such as that of its CPU build"
        )
    build.add_argument("--out", type=Path, required=True, help="an empty or new folder")
    push.add_argument("--owner", required=True, help="user or organisation on the Hub")
    push.add_argument("--private", action="store_true")
    arguments = parser.parse_args()
    try:
        if arguments.command == "build":
            files = space.build(
                arguments.name, arguments.out, torch_index=arguments.torch_index, static=arguments.static
            )
            print(f"{arguments.out}: {len(files)} files, {sum(file.stat().st_size for file in files) / 1e6:.1f} MB")
        else:
            print(
                space.push(
                    arguments.name,
                    arguments.owner,
                    private=arguments.private,
                    torch_index=arguments.torch_index,
                    static=arguments.static,
                )
            )
    except (ValueError, LookupError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
