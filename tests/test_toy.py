"""A member needs no edit: the toy's files, put into a copy of the tree, are found by all that is there."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TOY = ROOT / "tests" / "toy"
FILES = [path for path in TOY.rglob("*") if path.is_file() and path.suffix != ".pyc"]
COPIED = ("zoo", "train", "playground", "tests")

# Runs modules one after the other as `python -m` does, without starting Python anew for each.
COMMANDS = """
import runpy, sys

for line in sys.argv[1:]:
    sys.argv = line.split()
    try:
        runpy.run_module(sys.argv[0], run_name="__main__")
    except SystemExit as end:
        assert not end.code, line
"""
MADE = "playground.thumbnails toy", "zoo card --write", "train list", "playground.gradio_apps build toy --out space"

# What a visitor of the copy finds: the navigation, Home, the toy's page, and what its app is called by. Then its tests: all are
# collected, and those run that have the toy among their parameters and need no server of every app.
VISIT = """
import json, os
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash
from playground.gradio_apps.toy import demo

SLOW = ("test_gradio", "test_spaces", "test_browser", "test_static_pages")
groups, cases, passed = {}, {}, []
navigation = st.navigation

def watched(pages, **options):
    groups.update({group: [page.title for page in found] for group, found in pages.items()})
    return navigation(pages, **options)

def seen(app):
    assert not app.exception, app.exception
    return "".join(element.proto.body for element in app.get("html"))

class Toy:
    def pytest_collection_modifyitems(self, items):
        chosen = []
        for item in items:
            values = {str(value) for value in item.callspec.params.values()} if hasattr(item, "callspec") else set()
            file, _, test = item.nodeid.partition("[")[0].partition("::")
            cases.setdefault(file, {}).setdefault(test, set()).update(values)
            if values & {"toy", "toy.discs"} and item.path.stem not in SLOW:
                chosen.append(item)
        items[:] = chosen

    def pytest_runtest_logreport(self, report):
        if report.when == "call" and report.passed:
            passed.append(report.nodeid)

st.navigation = watched
app = AppTest.from_file(os.path.abspath("playground/Home.py"), default_timeout=500)
home = seen(app.run())
app._page_hash = calc_hash("toy")
page = seen(app.run())
st.navigation = navigation
folders = ["tests/zoo", "tests/train", "tests/playground"]
code = pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:xdist", *folders], plugins=[Toy()])
cases = {file: {test: sorted(values) for test, values in tests.items()} for file, tests in cases.items()}
found = {"groups": groups, "home": home, "page": page, "endpoints": list(demo.get_api_info()["named_endpoints"])}
print()
print(json.dumps({**found, "code": code, "passed": passed, "cases": cases}))
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the tree with the toy in it: trained there, with what `make cards` makes. Its folder, what commands said, what VISIT saw."""
    folder = tmp_path_factory.mktemp("a copy")
    ignored = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    # Links will do: files are written whole under another name, and so never through one.
    shutil.copytree(ROOT / "checkpoints", folder / "checkpoints", copy_function=os.symlink)
    for path in ROOT.glob("*.*"):
        if path.is_file():
            shutil.copy(path, folder)
    shutil.copytree(TOY, folder, dirs_exist_ok=True, ignore=ignored)
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("ZOO_", "PYTEST_"))}

    def python(*arguments: str) -> str:
        line, environment = [sys.executable, *arguments], {**kept, "PYTHONPATH": str(folder)}
        done = subprocess.run(line, cwd=folder, env=environment, capture_output=True, text=True)
        assert not done.returncode, (done.stdout + done.stderr)[-3000:]
        return done.stdout

    python("-m", "train.toy", "discs")
    return {
        "folder": folder,
        "said": python("-c", COMMANDS, *MADE),
        "seen": json.loads(python("-c", VISIT).splitlines()[-1]),
    }


def test_the_toy_is_new_files_alone_and_few_lines():
    assert not [path for path in FILES if (ROOT / path.relative_to(TOY)).exists()]
    assert sum(len(path.read_text("utf-8").splitlines()) for path in FILES) <= 120


def test_commands_and_the_gallery_know_it(copy):
    lines = copy["said"].splitlines()
    assert any(line.startswith("python -m train.toy discs ") and "in checkpoints" in line for line in lines)
    readme = (copy["folder"] / "README.md").read_text("utf-8")
    pages, gallery = (
        readme.split(f"<!-- {name} -->")[1].split(f"<!-- end of {name} -->")[0] for name in ("pages", "gallery")
    )
    assert "| Toy |" in pages and "[toy.discs](checkpoints/toy.discs/README.md)" in gallery
    assert not (ROOT / "checkpoints" / "toy.discs").exists()


def test_it_is_in_the_navigation_on_home_and_an_app(copy):
    seen = copy["seen"]
    assert "Toy" in seen["groups"]["Draw"]
    assert "href='./toy'" in seen["home"] and "One matrix draws." in seen["home"]
    assert "nine discs" in seen["page"] and "toy.discs" in seen["page"]
    assert {"/draw", "/moment"} <= set(seen["endpoints"])


def test_it_is_a_space(copy):
    space = copy["folder"] / "space"
    about = (space / "README.md").read_text("utf-8")
    assert "title: Toy" in about and "/draw" in about
    assert (space / "playground" / "demos" / "toy" / "drawing.svg").is_file()
    assert (space / "checkpoints" / "toy.discs" / "model.safetensors").is_file()
    assert not (space / "playground" / "demos" / "dreams").exists()
    assert not (space / "zoo" / "models" / "vae.py").exists()


def test_the_tests_of_all_are_tests_of_it(copy):
    seen = copy["seen"]
    assert seen["code"] == 0 and len(seen["passed"]) >= 40
    for toy, file in (
        ("toy.discs", "zoo/test_models"), ("toy.discs", "zoo/test_checkpoints"), ("toy.discs", "zoo/test_cli"),
        ("toy", "playground/test_demos"), ("toy", "playground/test_streamlit"), ("toy", "playground/test_gradio"),
        ("toy", "playground/test_spaces"), ("toy", "playground/test_browser"),
    ):  # fmt: skip
        assert any(toy in values for values in seen["cases"][f"tests/{file}.py"].values()), file


def test_no_test_lists_all_members_by_hand(copy):
    members = {
        "toy": {path.parent.name for path in (ROOT / "playground" / "demos").glob("*/__init__.py")},
        "toy.discs": {path.name for path in (ROOT / "checkpoints").iterdir()},
    }
    for file, tests in copy["seen"]["cases"].items():
        if "recorded" in file:  # what was there before knows no newcomer
            continue
        for test, values in tests.items():
            for toy, others in members.items():
                assert toy in values or not others <= set(values), f"{file}::{test}"
