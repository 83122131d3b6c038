"""A demo as a Space: the folder that the Hub, or any machine, needs to run it, and no file more."""

import re
import shutil
from functools import lru_cache
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import shorten

import grimp
import yaml

from playground import topics
from playground.demo import Demo
from playground.hosts import static as static_host
from playground.recipe import png, printed
from zoo import checkpoint, hub, hugging_face, places

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = ("zoo", "playground")
WHOLE = "playground"
OTHER_HOST = "streamlit"  # which components import where a page calls them
PYTHON = "3.12"
APP = '''"""A demo of Pocket Zoo."""

import os
from pathlib import Path

os.environ.setdefault("ZOO_CHECKPOINTS", str(Path(__file__).parent / "checkpoints"))

from playground.hosts.gradio_host import build, launch  # noqa: E402

demo = build("{name}")

if __name__ == "__main__":
    launch(demo)
'''
CLIENT = """Its functions can be called from Python:

```python
from gradio_client import Client

client = Client("{repo}")
print(client.view_api())  # {endpoints}
```"""
ABOUT = ("Pocket Zoo", "Small models, trained from scratch, to play with")
STATIC = {
    "sdk": "static",
    "app_file": "index.html",
    # With these the browser lends the networks more than one thread.
    "custom_headers": {"cross-origin-embedder-policy": "require-corp", "cross-origin-opener-policy": "same-origin"},
}


def apps() -> list[str]:
    """Return the demos that are Gradio apps and Spaces."""
    return [topic for topic in topics.names() if topics.demo(topic).space]


@lru_cache(maxsize=1)
def imports() -> grimp.ImportGraph:
    """Return who imports whom among our modules, and what of others."""
    return grimp.build_graph(*OURS, include_external_packages=True, cache_dir=None)


def needed(topic: str, models: list[str]) -> tuple[set[Path], set[str]]:
    """Return our files, and others' distributions, that a demo's app imports."""
    graph, package = imports(), f"playground.demos.{topic}"
    start = {"playground.hosts.gradio_host", package, *graph.find_descendants(package)}
    start -= {f"{package}.static"}
    start |= {checkpoint.family(model).__name__ for model in models} | {f"zoo.data.{_data(model)}" for model in models}
    found = start.union(*map(graph.find_upstream_modules, start))
    owners = packages_distributions()
    outside = {name for module in found if module.split(".")[0] not in OURS for name in owners.get(module, [])}
    outside = {name.replace("_", "-").lower() for name in outside}
    inside = {
        ".".join(parts[:n])
        for module in found
        if (parts := module.split("."))[0] in OURS
        for n in range(1, len(parts) + 1)
    }
    return {Path(find_spec(module).origin) for module in inside}, outside - {OTHER_HOST} | {"torch"}


def requirements(needed: set[str], torch_index: str | None) -> str:
    """Return the lines of requirements.txt that pin what is needed, torch from the index where one is given."""
    lines = [
        line for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines() if line.split("==")[0] in needed
    ]
    return "\n".join([*([f"--extra-index-url {torch_index}"] if torch_index else []), *lines]) + "\n"


def build(
    name: str, out: Path, *, torch_index: str | None = None, owner: str = "OWNER", static: bool = False
) -> list[Path]:
    """Write a demo's Space, or the whole playground's, into a folder; return its files.

    Checkpoints that are published are fetched there at their pins; the others travel in the folder.

    Args:
        static: without a server; see playground/hosts/static.

    Raises:
        ValueError: the folder holds something, or the demo has no static page.
    """
    if out.exists() and any(out.iterdir()):
        raise ValueError(f"{out} is not empty: give a new folder")
    out.mkdir(parents=True, exist_ok=True)
    if name == WHOLE and not static:
        title, line, models, thumbnail = *ABOUT, places.names(), next(iter(topics.find().values())).thumbnail()
        _whole(out, torch_index)
        facts, more = {"sdk": "docker", "app_port": 8501}, ""
    else:
        if static:
            static_host.build(name, out)  # says so where there is none of that name
        demo = topics.demo(name)
        if static:
            facts, more = (
                STATIC,
                "All of it runs in the visitor's browser. To try it here: `python -m http.server` in this folder.",
            )
        else:
            endpoints = _demo(name, demo, out, torch_index)
            facts = {"sdk": "gradio", "sdk_version": _pinned("gradio"), "python_version": PYTHON, "app_file": "app.py"}
            more = CLIENT.format(repo=f"{owner}/{repository(name)}", endpoints=", ".join(endpoints))
        title, line, models, thumbnail = demo.title, demo.line, demo.checkpoints(), demo.thumbnail()
    (out / "thumbnail.png").write_bytes(png(printed(thumbnail), scale=max(1, 448 // len(thumbnail))))
    _readme(out, f"{owner}/{repository(name, static)}", title, line, models, facts, more)
    return sorted(path for path in out.rglob("*") if path.is_file())


def repository(name: str, static: bool = False) -> str:
    """Return what a Space's repository is called."""
    return f"{name.replace('_', '-')}{'-static' if static else ''}"


def _demo(topic: str, demo: Demo, out: Path, torch_index: str | None) -> list[str]:
    """Copy what a demo's Gradio app needs; return its endpoints."""
    models = demo.checkpoints()
    files, distributions = needed(topic, models)
    for path in files:
        _copy(path, out)
    for folder in {path.parent for path in files} | {ROOT / "playground" / "static" / "fonts"}:
        for other in folder.iterdir():  # scripts, styles and drawings beside them
            if other.is_file() and other.suffix not in (".py", ".pyc", ".png"):
                _copy(other, out)
    for model in models:
        _weights(model, out)
    (out / "requirements.txt").write_text(requirements(distributions, torch_index))
    (out / "app.py").write_text(APP.format(name=topic))
    return [f"/{endpoint.name or endpoint.call.__name__}" for endpoint in demo.endpoints]


def _whole(out: Path, torch_index: str | None) -> None:
    for folder in ("zoo", "playground", "checkpoints"):
        shutil.copytree(
            ROOT / folder, out / folder, ignore=shutil.ignore_patterns("__pycache__", "*.tmp", "secrets.toml")
        )
    for file in ("pyproject.toml", "requirements.txt", "LICENSE"):
        shutil.copy(ROOT / file, out)
    recipe = (ROOT / "Dockerfile").read_text("utf-8")
    (out / "Dockerfile").write_text(recipe.replace("ARG TORCH_INDEX=\n", f"ARG TORCH_INDEX={torch_index or ''}\n"))


def _readme(out: Path, repo: str, title: str, line: str, models: list[str], facts: dict, more: str) -> None:
    from huggingface_hub import constants

    published = [pin for model, pin in hugging_face.pins().items() if model in models]
    front = {
        "title": title, **facts, "short_description": shorten(line, 60, placeholder=" …"), "license": "other", "tags": ["pocket-zoo"],
        "thumbnail": f"{constants.ENDPOINT}/spaces/{repo}/resolve/main/thumbnail.png",
    }  # fmt: skip
    if published:
        front["models"] = [pin.repo for pin in published]
    if published and facts["sdk"] != "static":
        front["preload_from_hub"] = [f"{pin.repo} {','.join(pin.sha256)} {pin.revision}" for pin in published]
    (out / "README.md").write_text(
        f"---\n{yaml.safe_dump(front, sort_keys=False, allow_unicode=True)}---\n\n# {title}\n\n{line}\n\nModels: {', '.join(models)}, "
        f"trained from scratch. What you type, draw or upload is kept nowhere.\n\n{more}\n"
    )


def _weights(model: str, out: Path) -> None:
    if model in hugging_face.pins():
        _copy(hugging_face.PINS / f"{model}.json", out)
    else:
        shutil.copytree(hub.find(model)[0], out / "checkpoints" / model)


def _data(model: str) -> str:
    import zoo

    return zoo.card(model).training["data"]


def _pinned(library: str) -> str:
    return re.search(rf"^{library}==(\S+)$", (ROOT / "requirements.txt").read_text("utf-8"), re.MULTILINE)[1]


def _copy(path: Path, out: Path) -> None:
    place = out / path.relative_to(ROOT)
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, place)


def push(name: str, owner: str, *, private: bool = False, torch_index: str | None = None, static: bool = False) -> str:
    """Publish a Space as owner/name; return its address."""
    from huggingface_hub import HfApi

    api, repo = HfApi(), f"{owner}/{repository(name, static)}"
    sdk = "static" if static else "docker" if name == WHOLE else "gradio"
    with TemporaryDirectory() as folder:
        build(name, Path(folder), torch_index=torch_index, owner=owner, static=static)
        api.create_repo(repo, repo_type="space", space_sdk=sdk, private=private, exist_ok=True)
        api.upload_folder(
            repo_id=repo, repo_type="space", folder_path=folder, commit_message="Publish the Space", delete_patterns="*"
        )
    return f"{api.endpoint}/spaces/{repo}"
