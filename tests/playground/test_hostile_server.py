"""Strangers at a running server: each request gets a clear answer, memory stays bounded, and the next visitor is served."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOM = 300  # MB that an attack may make a server grow by
STROKE = [[128, 90, 200, 20, 240, 60, 190, 130, 128, 130]]


def resident(server) -> float:
    """Memory that a process holds, in MB."""
    return int(Path(f"/proc/{server.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def ask(address: str, body: bytes | None = None, kind: str = "application/json") -> tuple[int, str]:
    """Return the status and the text of an answer, errors too."""
    request = urllib.request.Request(address, body, {"Content-Type": kind})
    try:
        with urllib.request.urlopen(request, timeout=300) as answer:
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except urllib.error.URLError as error:  # it hung up while we were still sending
        if not isinstance(error.reason, (BrokenPipeError, ConnectionResetError)):
            raise
        return 413, "hung up"


@pytest.fixture(scope="module")
def served():
    """The butterfly studio as its own process, warmed up by one answer: (process, address)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "GRADIO_SERVER_PORT": str(port), "GRADIO_SERVER_NAME": "127.0.0.1"}
    command = [sys.executable, "-m", "playground.gradio_apps.butterfly_studio"]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                if ask(address)[0] == 200:
                    break
            except OSError:
                assert server.poll() is None, "the server did not start"
            time.sleep(0.1)
        assert call(address, {"strokes": STROKE})[0] == "complete"
        yield server, address
    finally:
        server.terminate()
        server.wait(20)


def call(address: str, given: dict) -> tuple[str, str]:
    """Ask for a butterfly as any HTTP client may; return the event that ends it, or the status, and what is said."""
    defaults = {
        "texture": None,
        "strokes": None,
        "mirror": True,
        "second": None,
        "blend": 0,
        "sliders": None,
        "axes": None,
        "body": True,
    }
    data = list({**defaults, **given}.values())
    status, said = ask(f"{address}/gradio_api/call/retexture", json.dumps({"data": data}).encode())
    if status != 200:
        return str(status), said
    _, said = ask(f"{address}/gradio_api/call/retexture/{json.loads(said)['event_id']}")
    event, text = re.findall(r"event: (\w+)\ndata: (.*)", said)[-1]
    return event, text


NUMBERS = {
    "a million points": {"strokes": [[0, 0] * 1_000_000]},
    "a million strokes": {"strokes": [[1, 1]] * 1_000_000},
    "strokes nested deeply": {"strokes": json.loads("[" * 200 + "]" * 200)},
    "strokes of text": {"strokes": [["1", "2"]]},
    "a stroke beyond the pad": {"strokes": [[1, 2, 300, 4]]},
    "a stroke of fractions": {"strokes": [[0.5, 1.5]]},
    "a stroke of odd length": {"strokes": [[1, 2, 3]]},
    "strokes that are a text": {"strokes": "x" * 1_000_000},
    "sliders without end": {"sliders": [1.0] * 100_000},
    "a slider of 1e308": {"sliders": [1e308]},
    "sliders of text": {"sliders": ["a"]},
    "a species that is none": {"texture": "Unicorn"},
    "a species of a megabyte": {"texture": "x" * 2**20},
    "a species that is a path": {"texture": "../../../etc/passwd"},
    "a species that is markup": {"texture": "<img src=x onerror=alert(1)>"},
    "a blend beyond all": {"blend": 10**30},
    "a blend that is a list": {"blend": [1]},
    "a species that is a number": {"texture": 7},
}


@pytest.mark.parametrize("case", NUMBERS)
def test_bad_values_are_refused(served, case):
    server, address = served
    before = resident(server)
    event, said = call(address, NUMBERS[case])
    assert event != "complete", said[:300]
    assert "Traceback" not in said and "<img" not in said and len(said) < 2000
    assert resident(server) - before < ROOM
    assert call(address, {"strokes": STROKE})[0] == "complete"


REQUESTS = {
    "a file of the machine": ("/gradio_api/file=/etc/passwd", None),
    "a file above": ("/gradio_api/file=../../../../etc/passwd", None),
    "a checkpoint": (f"/gradio_api/file={quote(str(ROOT))}/checkpoints/retexture.butterflies/model.safetensors", None),
    "above the fonts": ("/zoo-fonts/../../../pyproject.toml", None),
    "above the fonts, in disguise": ("/zoo-fonts/%2e%2e/%2e%2e/%2e%2e/pyproject.toml", None),
    "a function that is none": ("/gradio_api/call/nothing", b'{"data": []}'),
    "JSON cut short": ("/gradio_api/call/retexture", b'{"data": ['),
    "JSON nested deeply": ("/gradio_api/call/retexture", b'{"data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "no JSON": ("/gradio_api/call/retexture", b"\xff" * 1000),
    "an address of 100,000 characters": ("/" + "x" * 60_000, None),
}


@pytest.mark.parametrize("case", REQUESTS)
def test_bad_requests_are_refused(served, case):
    server, address = served
    path, body = REQUESTS[case]
    before = resident(server)
    status, said = ask(address + path, body)
    assert 400 <= status < 600 and "root:" not in said and "[project]" not in said, (status, said[:300])
    assert resident(server) - before < ROOM
    assert call(address, {"strokes": STROKE})[0] == "complete"


def test_an_upload_that_is_too_large_is_refused(served):
    server, address = served
    before = resident(server)
    edge = "zoo"
    body = f'--{edge}\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'.encode()
    body += bytes(30 * 2**20) + f"\r\n--{edge}--\r\n".encode()
    status, _ = ask(f"{address}/gradio_api/upload", body, f"multipart/form-data; boundary={edge}")
    assert status == 413
    assert resident(server) - before < ROOM
    assert call(address, {"strokes": STROKE})[0] == "complete"
