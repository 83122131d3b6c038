"""What is said in several files and read by different programs: the version, and the commands that are run on every change."""

import re
from pathlib import Path

import pytest
import yaml
from hatchling.metadata.core import ProjectMetadata
from hatchling.plugin.manager import PluginManager

import zoo

ROOT = Path(__file__).parent.parent


def built() -> str:
    return ProjectMetadata(str(ROOT), PluginManager()).version


def cited() -> str:
    return yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))["version"]


def last_changed() -> str:
    return re.search(r"^## \[?(\d[^\]\s]*)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)[1]


@pytest.mark.parametrize("told", [built, cited, last_changed])
def test_the_version_is_one(told):
    assert told() == zoo.__version__


def test_every_change_is_tested():
    flow = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text("utf-8"))
    commands = [step["run"] for job in flow["jobs"].values() for step in job["steps"] if "run" in step]
    assert {"make lint", "make test"} <= set(commands)
    needed = re.search(r"requires-python = .>=([\d.]+)", (ROOT / "pyproject.toml").read_text("utf-8"))[1]
    assert needed in flow["jobs"]["test"]["strategy"]["matrix"]["python"], "the oldest Python that is promised"


def test_hooks_are_lint_s():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    lint = (ROOT / "Makefile").read_text("utf-8").partition("\nlint:")[2].partition("\n\n")[0]
    for repo in config["repos"]:
        assert repo["repo"] == "local", "a hook from elsewhere would have to be fetched"
        for hook in repo["hooks"]:
            command = hook["entry"].replace(".venv/bin", "$(BIN)").replace(" --force-exclude", "")
            assert command in lint, f"{hook['id']}: {command}"
