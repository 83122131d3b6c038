"""A training and its publishing, killed at random moments and on a full disk; `tests/benchmarks/torture.py` does it more often."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_checkpoint_is_whole_and_the_next_run_goes_on_whatever_befell(tmp_path):
    script = [sys.executable, str(ROOT / "tests" / "benchmarks" / "torture.py"), "--kills", "2", "--full", "1"]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    done = subprocess.run(script, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stderr[-2000:]
    found = dict(re.findall(r'"((?:killed|file too|disk)[^"]*)": (\d+)', done.stdout))
    assert sum(map(int, found.values())) == 3
