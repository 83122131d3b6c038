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
COPIED = ("zoo", "train", "playground", "tests", ".streamlit")

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

# What a visitor of the copy finds: the navigation, Home, the toy's page, and what its app is called by.
VISIT = """
import json, sys
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash
from playground.gradio_apps.toy import demo

navigation, groups = st.navigation, {}

def watched(pages, **options):
    groups.update({group: [page.title for page in found] for group, found in pages.items()})
    return navigation(pages, **options)

def seen(app):
    assert not app.exception, app.exception
    return "".join(element.proto.body for element in app.get("html"))

st.navigation = watched
app = AppTest.from_file(sys.argv[1], default_timeout=500)
home = seen(app.run())
app._page_hash = calc_hash("toy")
page = seen(app.run())
json.dump({"groups": groups, "home": home, "page": page, "api": list(demo.get_api_info()["named_endpoints"])}, sys.stdout)
"""

# Collects the copy's tests, and runs those that have the toy among their parameters and need no server of every app.
TESTS = """
import json, sys
import pytest

SLOW = ("test_gradio", "test_spaces", "test_browser", "test_static_pages")
cases, passed = {}, []

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

folders = ["tests/zoo", "tests/train", "tests/playground"]
code = pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:xdist", *folders], plugins=[Toy()])
cases = {file: {test: sorted(values) for test, values in tests.items()} for file, tests in cases.items()}
print()
print(json.dumps({"code": code, "passed": passed, "cases": cases}))
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A function that runs Python in the copy and returns what it prints. The toy is trained there; what `make cards` makes is made."""
    copy = tmp_path_factory.mktemp("a copy")
    ignored = shutil.ignore_patterns("__pycache__")
    for folder in COPIED:
        shutil.copytree(ROOT / folder, copy / folder, ignore=ignored)
    shutil.copytree(
        ROOT / "checkpoints", copy / "checkpoints", copy_function=os.symlink
    )  # written whole, so never through
    for path in ROOT.glob("*.*"):
        if path.is_file():
            shutil.copy(path, copy)
    shutil.copytree(TOY, copy, dirs_exist_ok=True, ignore=ignored)
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("ZOO_", "PYTEST_"))}

    def python(*arguments: str) -> str:
        environment = {**kept, "PYTHONPATH": str(copy)}
        done = subprocess.run([sys.executable, *arguments], cwd=copy, env=environment, capture_output=True, text=True)
        assert not done.returncode, (done.stdout + done.stderr)[-3000:]
        return done.stdout

    python("-m", "train.toy", "discs")
    lines = (
        "playground.thumbnails toy",
        "zoo card --write",
        "train list",
        "playground.gradio_apps build toy --out space",
    )
    python.said = python("-c", COMMANDS, *lines)
    python.copy = copy
    return python


def test_the_toy_is_new_files_alone_and_few_lines():
    assert not [path for path in FILES if (ROOT / path.relative_to(TOY)).exists()]
    assert sum(len(path.read_text("utf-8").splitlines()) for path in FILES) <= 120


def test_commands_and_the_gallery_know_it(run):
    assert any(
        line.startswith("python -m train.toy discs ") and "in checkpoints" in line for line in run.said.splitlines()
    )
    gallery = (run.copy / "README.md").read_text("utf-8").split("<!-- gallery -->")[1]
    assert "[toy.discs](checkpoints/toy.discs/README.md)" in gallery.split("<!-- end of gallery -->")[0]
    assert not (ROOT / "checkpoints" / "toy.discs").exists()


def test_it_is_in_the_navigation_on_home_and_an_app(run):
    seen = json.loads(run("-c", VISIT, str(run.copy / "playground" / "Home.py")))
    assert "Toy" in seen["groups"]["Draw"]
    assert "href='./toy'" in seen["home"] and "One matrix draws." in seen["home"]
    assert "nine discs" in seen["page"] and "toy.discs" in seen["page"]
    assert {"/draw", "/moment"} <= set(seen["api"])


def test_it_is_a_space(run):
    space = run.copy / "space"
    assert (space / "playground" / "demos" / "toy" / "drawing.svg").is_file()
    assert (space / "checkpoints" / "toy.discs" / "model.safetensors").is_file()
    assert "title: Toy" in (space / "README.md").read_text() and "/draw" in (space / "README.md").read_text()
    assert (
        not (space / "playground" / "demos" / "dreams").exists() and not (space / "zoo" / "models" / "vae.py").exists()
    )


def test_the_tests_of_all_are_tests_of_it(run):
    found = json.loads(run("-c", TESTS).splitlines()[-1])
    assert found["code"] == 0 and len(found["passed"]) >= 40
    members = {"toy": set(), "toy.discs": {path.name for path in (ROOT / "checkpoints").iterdir()}}
    members["toy"] = {path.parent.name for path in (ROOT / "playground" / "demos").glob("*/__init__.py")}
    for file, tests in found["cases"].items():
        for test, values in tests.items():
            for toy, others in members.items():
                # A record of what was there before knows no newcomer.
                assert toy in values or not others <= set(values) or "recorded" in file, (
                    f"{file}::{test} has a list by hand"
                )
    for toy, file in (
        ("toy.discs", "zoo/test_models"), ("toy.discs", "zoo/test_checkpoints"), ("toy.discs", "zoo/test_cli"),
        ("toy", "playground/test_demos"), ("toy", "playground/test_streamlit"), ("toy", "playground/test_gradio"),
        ("toy", "playground/test_spaces"), ("toy", "playground/test_browser"),
    ):  # fmt: skip
        assert any(toy in values for values in found["cases"][f"tests/{file}.py"].values()), file
