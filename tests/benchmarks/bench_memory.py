"""Resident memory of the Streamlit server: every page opened three times by four sessions at once, then twenty more models.

    python tests/benchmarks/bench_memory.py

The sessions speak Streamlit's protocol, so that no browser takes the processor. The further models are copies of one
checkpoint, 5 MB each, opened on the pages of diffusion, of the cards and of the histories.
"""

import shutil
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from serving import free_port, memory, served, streamlit
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

import zoo
from playground import topics

SESSIONS, ROUNDS, MORE = 4, 3, 20
COPIED = "ddpm.fashion"
PATIENCE = 300  # seconds that one page may take


class Session:
    """A visitor: opens pages one after the other."""

    def __init__(self, port: int):
        self.socket = connect(
            f"ws://127.0.0.1:{port}/_stcore/stream", subprotocols=["streamlit"], max_size=None, legacy=True
        )

    def open(self, page: str, query: str = "") -> tuple[float, str]:
        """Open a page; return the seconds until its script ended, and the error that it shows, or ''."""
        asked, began, error = BackMsg(), time.perf_counter(), ""
        asked.rerun_script.page_name, asked.rerun_script.query_string = page, query
        self.socket.send(asked.SerializeToString())
        while True:
            said = ForwardMsg.FromString(self.socket.recv(timeout=PATIENCE))
            if said.delta.new_element.HasField("exception"):
                error = f"{page}?{query}: {said.delta.new_element.exception.message}"
            if said.HasField("script_finished"):
                return time.perf_counter() - began, error


def opened(sessions: Sequence[Session], pages: Sequence[tuple[str, str]]) -> tuple[list[float], list[str]]:
    """Let all sessions open the pages in the same order at the same time; return the waits in seconds, and the errors."""
    waits, errors = [], []

    def visit(session: Session) -> None:
        for page, query in pages:
            wait, error = session.open(page, query)
            waits.append(wait)
            errors.extend([error] * bool(error))

    threads = [threading.Thread(target=visit, args=(session,)) for session in sessions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return waits, errors


def main() -> None:
    """Measure."""
    pages = [("", ""), *((topic, "") for topic in topics.names())]
    names = [f"{COPIED}-{i:02}" for i in range(MORE)]
    more = [(page, f"model={name}") for name in names for page in ("diffusion", "models", "watch_it_learn")]
    port = free_port()
    with TemporaryDirectory() as folder, served(streamlit(port), port, ZOO_CHECKPOINTS=folder) as (server, _):
        sessions = [Session(port) for _ in range(SESSIONS)]

        def report(what: str, pages: Sequence[tuple[str, str]]) -> None:
            waits, errors = opened(sessions, pages)
            print(
                f"{what:>10}: {memory(server):5.0f} MB; {len(waits)} pages, median {1000 * np.median(waits):.0f} ms, "
                f"longest {max(waits):.1f} s, {len(errors)} errors",
                flush=True,
            )
            for error in sorted(set(errors))[:5]:
                print(f"  {error}")

        report("Home", pages[:1])
        for i in range(ROUNDS):
            report(f"round {i + 1}", pages)
        for name in names:
            shutil.copytree(zoo.card(COPIED).folder, Path(folder, name))
        report(f"{MORE} more", more)
        report("once more", more)


if __name__ == "__main__":
    main()
