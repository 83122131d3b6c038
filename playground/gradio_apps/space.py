"""A demo as a Space: the folder that the Hub, or any machine, needs to run it, and no file more."""

import ast
import importlib
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import shorten

import yaml

from playground import pages
from playground.demos import butterfly_studio
from playground.demos.recipe import png, printed
from playground.static_pages import build as static_pages
from zoo import checkpoint, hub, hugging_face, places

ROOT = Path(__file__).resolve().parent.parent.parent
WHOLE = "playground"
PARTS = {"controls", "look", "tabs", "space"}  # modules of this folder that are no apps
DISTRIBUTIONS = {
    "PIL": "pillow",
    "huggingface_hub": "huggingface-hub",
    "yaml": "pyyaml",
}  # where the import has another name
PYTHON = "3.12"
APP = '''"""A demo of Pocket Zoo."""

import os
from pathlib import Path

os.environ.setdefault("ZOO_CHECKPOINTS", str(Path(__file__).parent / "checkpoints"))

from playground.gradio_apps.{name} import demo  # noqa: E402
from playground.gradio_apps.look import launch  # noqa: E402

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
    """Return the demos that are Gradio apps."""
    return sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py") if path.stem not in PARTS)


def sources(start: Iterable[Path]) -> set[Path]:
    """Return all files of ours that Python files import, themselves included."""
    found, waiting = set(), list(start)
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        names = set()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        for name in names:
            parts = name.split(".")
            if parts[0] in ("zoo", "playground"):
                for n in range(1, len(parts) + 1):
                    place = ROOT.joinpath(*parts[:n])
                    waiting += [file for file in (place / "__init__.py", place.with_suffix(".py")) if file.is_file()]
    return found


def libraries(files: Iterable[Path]) -> set[str]:
    """Return the distributions that files import as they are loaded, not inside their functions."""
    found = set()
    for path in files:
        for node in ast.parse(path.read_text("utf-8")).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            found |= {name.split(".")[0] for name in names}
    return {DISTRIBUTIONS.get(name, name) for name in found}


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
        static: without a server; see playground/static_pages.

    Raises:
        ValueError: the folder holds something, or the demo has no static page.
    """
    if out.exists() and any(out.iterdir()):
        raise ValueError(f"{out} is not empty: give a new folder")
    out.mkdir(parents=True, exist_ok=True)
    if name == WHOLE and not static:
        title, line, models, thumbnail = *ABOUT, places.names(), butterfly_studio.thumbnail()
        _whole(out, torch_index)
        facts, more = {"sdk": "docker", "app_port": 8501}, ""
    else:
        if static:
            static_pages.build(name, out)  # says so where there is none of that name
            facts, more = (
                STATIC,
                "All of it runs in the visitor's browser. To try it here: `python -m http.server` in this folder.",
            )
        else:
            endpoints = _demo(name, out, torch_index)
            facts = {"sdk": "gradio", "sdk_version": _pinned("gradio"), "python_version": PYTHON, "app_file": "app.py"}
            more = CLIENT.format(repo=f"{owner}/{repository(name)}", endpoints=", ".join(endpoints))
        demo = importlib.import_module(f"playground.demos.{name}")
        view = next(view for view in pages.find() if view.stem == name)
        title, line, models, thumbnail = view.title, view.line, demo.checkpoints(), demo.thumbnail()
    (out / "thumbnail.png").write_bytes(png(printed(thumbnail), scale=max(1, 448 // len(thumbnail))))
    _readme(out, f"{owner}/{repository(name, static)}", title, line, models, facts, more)
    return sorted(path for path in out.rglob("*") if path.is_file())


def repository(name: str, static: bool = False) -> str:
    """Return what a Space's repository is called."""
    return f"{name.replace('_', '-')}{'-static' if static else ''}"


def _demo(name: str, out: Path, torch_index: str | None) -> list[str]:
    """Copy what a demo's Gradio app needs; return its endpoints."""
    module = importlib.import_module(f"playground.gradio_apps.{name}")
    models = importlib.import_module(f"playground.demos.{name}").checkpoints()
    text = Path(module.__file__).read_text("utf-8")
    families = ROOT / "zoo" / "models" / "__init__.py"
    files = sources([Path(module.__file__), families, *(Path(checkpoint.family(model).__file__) for model in models)])
    files |= {ROOT / "zoo" / "data" / f"{data}.py" for data in {_data(model) for model in models}}
    files = sources(files)
    for path in files:
        _copy(path, out)
        if path.parent.parent.name == "components":  # with the scripts and styles beside it
            for other in (*path.parent.glob("*.js"), *path.parent.glob("*.css")):
                _copy(other, out)
    _copy(ROOT / "playground" / "style.css", out)
    for font in (ROOT / "playground" / "static" / "fonts").iterdir():
        _copy(font, out)
    for sketch in re.findall(r'sketch="([\w.-]+)"', text):
        _copy(ROOT / "playground" / "static" / "drawings" / sketch, out)
    for model in models:
        _weights(model, out)
    needed = libraries(files) | {"torch", "gradio"}
    if any("mnist.load(" in path.read_text("utf-8") for path in files if path.parent.name == "demos"):
        needed.add("torchvision")  # which fetches the digits, and is imported only then
    (out / "requirements.txt").write_text(requirements(needed, torch_index))
    (out / "app.py").write_text(APP.format(name=name))
    return [f"/{found}" for found in re.findall(r'api_name="(\w+)"', text)]


def _whole(out: Path, torch_index: str | None) -> None:
    for folder in ("zoo", "playground", "checkpoints", ".streamlit"):
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
