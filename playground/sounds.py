"""Sounds from outside: a recording or a file, read to a waveform of 8,000 samples a second, and the word in it, cut out."""

import os
import subprocess
import sys
from dataclasses import dataclass

import numpy as np

from playground import decoding
from playground.decoding import SoundError
from zoo.sound import HOP, RATE, levelled

__all__ = ["ENDINGS", "MOST_BYTES", "Cut", "SoundError", "loudest", "read", "word"]

ENDINGS = ("wav", "flac", "ogg", "opus", "webm", "mp3", "m4a")
MOST_BYTES = 5 * 2**20  # what either host takes
PATIENCE = 60  # seconds, on a busy machine
LONGEST, SHORTEST = 1.0, 0.08  # seconds of a word
QUIETEST = 1e-3  # root mean square of a word's loudest quarter of a second, at least
BELOW, ABOVE = 10**-3.5, 4.0  # where a word ends: this share of its loudest power, or so many times that of the ground
PAUSE = 24  # frames, 192 ms, that a closed mouth may keep silent within a word


@dataclass(frozen=True)
class Cut:
    """A word, cut out of a recording."""

    x: np.ndarray
    """(N,) float32, 8,000 samples a second, at most a second, levelled: see `zoo.sound.levelled`"""
    start: float
    """in the recording, seconds"""
    whole: float
    """how long what was read of the recording is, seconds"""


def word(content: bytes) -> Cut:
    """Read a file and cut its loudest word out.

    Raises:
        SoundError: as `read` and `loudest`.
    """
    return loudest(read(content))


def read(content: bytes) -> np.ndarray:
    """Read a sound file: its first minute, all channels together; see `playground.decoding`.

    Returns:
        (N,) float32 in [-1, 1], 8,000 samples a second.

    Raises:
        SoundError: the file is empty, too large, damaged, without sound, or of another format.
    """
    if not content:
        raise SoundError("The file is empty: record again, or choose another.")
    if len(content) > MOST_BYTES:
        raise SoundError(f"The file is over {MOST_BYTES // 2**20} MB: choose a smaller one.")
    command = [sys.executable, "-P", decoding.__file__, str(RATE)]
    alone = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # each thread would take memory
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=PATIENCE, env=alone)
    except subprocess.TimeoutExpired as error:
        raise SoundError("The file was not read in time: try again, or choose a shorter one.") from error
    if done.returncode == 3:
        raise SoundError(done.stderr.decode())
    if done.returncode:
        raise SoundError("The file takes more than a sound of a minute does: record or save it again.")
    return np.frombuffer(done.stdout, "<f4")


def loudest(x: np.ndarray) -> Cut:
    """Cut the loudest word out of a waveform (N,), 8,000 samples a second: from where it rises above the ground to where it falls back.

    Raises:
        SoundError: there is nothing but silence.
    """
    frames = -(-len(x) // HOP)
    padded = np.zeros(max(frames, PAUSE) * HOP)
    padded[: len(x)] = x - x.mean()
    power = (padded.reshape(-1, HOP) ** 2).mean(1)
    smooth = np.convolve(power, np.ones(5) / 5, "same")
    near = np.convolve(power, np.ones(32) / 32, "same")  # a quarter of a second, so that no click is taken for a word
    peak = int(near.argmax())
    if near[peak] < QUIETEST**2:
        raise SoundError("Nothing is to be heard in it: speak nearer to the microphone, or choose another file.")
    least = max(smooth[max(0, peak - 16) : peak + 16].max() * BELOW, ABOVE * float(np.quantile(smooth, 0.1)))
    loud = np.flatnonzero(smooth > min(least, float(smooth.max()) / 4))
    at = int(np.abs(loud - peak).argmin())
    breaks = np.flatnonzero(np.diff(loud) > PAUSE)
    first = loud[max((i + 1 for i in breaks if i < at), default=0)]
    last = loud[min((i for i in breaks if i >= at), default=len(loud) - 1)] + 1
    most, fewest = int(LONGEST * RATE) // HOP, int(SHORTEST * RATE) // HOP
    if last - first > most:  # more than a word: its loudest second
        sums = np.convolve(power[first:last], np.ones(most), "valid")
        first = first + int(sums.argmax())
        last = first + most
    first, last = max(0, min(first, last - fewest)), max(last, first + fewest)
    cut = padded[first * HOP : last * HOP][: int(LONGEST * RATE)]
    return Cut(levelled(cut), first * HOP / RATE, len(x) / RATE)
