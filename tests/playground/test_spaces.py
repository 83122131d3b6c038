"""The Spaces' folders: complete, with nothing too much, and at work with nothing but their own files and requirements.

`tests/benchmarks/check_spaces.py` does the same in clean virtual environments, which takes minutes.
"""

import os
import re
import subprocess
import sys
import time

import gradio_client
import pytest
import yaml
from PIL import Image

from playground.gradio_apps.__main__ import main
from playground.hosts import space
from tests import forked
from tests.fake_hub import TOKEN, FakeHub
from tests.playground import alone


@pytest.fixture
def started():
    """A function that starts a process of our own, which ends with the test."""
    running = []

    def start(*arguments: str):
        running.append(forked.start(alone.run, *arguments))
        return running[-1]

    yield start
    for process in running:
        process.terminate()
        process.join()


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Each Space, built once."""
    root = tmp_path_factory.mktemp("spaces")
    for name in [*space.apps(), space.WHOLE]:
        assert space.build(name, root / name)
    return root


@pytest.mark.parametrize("name", [*space.apps(), space.WHOLE])
def test_a_folder_is_a_space(folders, name):
    folder = folders / name
    front = yaml.safe_load((folder / "README.md").read_text().split("---")[1])
    assert 0 < len(front["short_description"]) <= 60
    assert front["thumbnail"].endswith("/thumbnail.png")
    with Image.open(folder / "thumbnail.png") as image:
        assert min(image.size) >= 336
    if name == space.WHOLE:
        assert (front["sdk"], front["app_port"]) == ("docker", 8501)
        assert f"EXPOSE {front['app_port']}" in (folder / "Dockerfile").read_text()
        assert (folder / "playground" / "Home.py").is_file() and (
            folder / "playground" / ".streamlit" / "config.toml"
        ).is_file()
        return
    assert front["sdk"] == "gradio" and (folder / front["app_file"]).is_file()
    requirements = (folder / "requirements.txt").read_text()
    assert f"gradio=={front['sdk_version']}" in requirements
    assert "streamlit" not in requirements and "-e ." not in requirements
    assert (
        not list(folder.rglob("view.py")) and not list(folder.rglob("__pycache__")) and not (folder / "train").exists()
    )
    assert "/sample" in (folder / "README.md").read_text() or name != "digit_sampler"


@pytest.mark.parametrize("name", space.apps())
def test_a_space_works_alone(folders, started, name, tmp_path):
    log = tmp_path / "log"
    server = started(str(folders / name), str(tmp_path), str(log))
    while not (address := re.search(r"http://127\.0\.0\.1:\d+", log.read_text() if log.exists() else "")):
        assert server.is_alive(), log.read_text()[-3000:]
        time.sleep(0.1)
    client = gradio_client.Client(address[0], verbose=False, download_files=tmp_path)
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert all(parameter["python_type"]["type"] for call in endpoints.values() for parameter in call["parameters"])
    first = next(endpoint for endpoint in endpoints if endpoint != "/moment")
    try:
        assert client.predict(api_name=first)
    except gradio_client.exceptions.AppError:
        pytest.fail(log.read_text()[-3000:])
    assert "Traceback" not in log.read_text()


def test_requirements_take_torch_from_an_index(tmp_path):
    space.build("cartpole", tmp_path / "space", torch_index="http://127.0.0.1:1/cpu")
    space.build(space.WHOLE, tmp_path / "whole", torch_index="http://127.0.0.1:1/cpu")
    assert "ARG TORCH_INDEX=http://127.0.0.1:1/cpu\n" in (tmp_path / "whole" / "Dockerfile").read_text()
    lines = (tmp_path / "space" / "requirements.txt").read_text().splitlines()
    assert lines[0] == "--extra-index-url http://127.0.0.1:1/cpu" and any(line.startswith("torch==") for line in lines)


def test_a_folder_in_use_is_left_alone(tmp_path, capsys, monkeypatch):
    (tmp_path / "mine").write_text("hello")
    monkeypatch.setattr(sys, "argv", ["prog", "build", "cartpole", "--out", str(tmp_path)])
    assert main() == 1 and "is not empty: give a new folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("flags", "repo", "sdk"), [([], "cartpole", "gradio"), (["--static"], "cartpole-static", "static")]
)
def test_a_space_is_published(tmp_path, flags, repo, sdk):
    server = FakeHub()
    try:
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("HF_")},
            "HF_ENDPOINT": server.address, "HF_TOKEN": TOKEN, "HF_HOME": str(tmp_path), "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1",
        }  # fmt: skip
        command = [sys.executable, "-m", "playground.gradio_apps", "push", "cartpole", "--owner", "someone", *flags]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr[-2000:]
        assert f"/spaces/someone/{repo}" in done.stdout
        found = server.repos[f"someone/{repo}"]
        assert f"sdk: {sdk}" in found.trees[found.head]["README.md"].decode()
    finally:
        server.stop()
