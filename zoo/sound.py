"""Sound at 8,000 samples a second: spectrograms, as models see it, and back to waveforms where the phase is not known.

A spectrogram here is the logarithm of the short-time Fourier transform's magnitude, 128 frequencies (to 4 kHz, the last left out) by frames of
8 ms, scaled so that `QUIET` is -1 and `LOUD` is 1.
"""

import heapq
import io
import math
import struct
import wave

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

RATE = 8000
SIZE, HOP = 256, 64  # samples of a frame, and between two
BINS = SIZE // 2
FADE = 32  # samples
PATCH = 2  # frames that are read and written together
QUIET, LOUD = 1e-3, 40.0
LEVEL, PEAK = 0.1, 0.95  # root mean square of the louder half of the frames, and the most that a sample may be
SPREAD = (
    0.25645 * SIZE**2
)  # a Gaussian window like Hann's: Prusa, Balazs, Sondergaard 2017, doi:10.1109/TASLP.2017.2678166, table I


def levelled(x: np.ndarray) -> np.ndarray:
    """Return a waveform (N,) as loud as others: the root mean square of the louder half of its frames is 0.1, its peak at most 0.95."""
    frames = (
        np.sort(np.add.reduceat(x.astype(np.float64) ** 2, np.arange(0, max(1, len(x)), HOP)) / HOP) if len(x) else x
    )
    loud = math.sqrt(frames[len(frames) // 2 :].mean()) if len(x) else 0.0
    gain = min(LEVEL / loud, PEAK / float(np.abs(x).max())) if loud > 0 else 1.0
    return (x * gain).astype(np.float32)


def window(like: Tensor | None = None) -> Tensor:
    """Return Hann's window, (256,)."""
    return torch.hann_window(SIZE, device=None if like is None else like.device)


def stft(x: Tensor) -> Tensor:
    """Return the short-time Fourier transform of waveforms (B, N): (B, 129, 1 + N // 64) complex, frames centred on their samples."""
    return torch.stft(x, SIZE, HOP, window=window(x), center=True, pad_mode="constant", return_complex=True)


def istft(z: Tensor, length: int | None = None) -> Tensor:
    """Return the waveforms of transforms (B, 129, T): (B, N), the way back of `stft`; N is (T - 1) * 64 unless given."""
    return torch.istft(z, SIZE, HOP, window=window(z), center=True, length=length)


def scaled(magnitude: Tensor) -> Tensor:
    """Return magnitudes as a spectrogram has them, -1 to 1."""
    low, high = math.log(QUIET), math.log(LOUD)
    return (magnitude.clamp(QUIET, LOUD).log() - low) * (2 / (high - low)) - 1


def magnitudes(s: Tensor) -> Tensor:
    """Return the magnitudes of spectrograms (B, 128, T), with none at the last frequency: (B, 129, T)."""
    low, high = math.log(QUIET), math.log(LOUD)
    found = ((s + 1) * ((high - low) / 2) + low).exp()
    return F.pad(torch.where(s <= -1, 0.0, found), (0, 0, 0, 1))


def spectrogram(x: Tensor) -> Tensor:
    """Return the spectrograms of waveforms (B, N): (B, 128, 1 + N // 64) in [-1, 1]."""
    return scaled(stft(x).abs()[:, :BINS])


def about_median(x: Tensor) -> Tensor:
    """Return how spectrograms of white noise (B, N) of variance 1 lie about their median, in units of their mean distance from it: (B, 128, 1 + N // 64)."""
    power = stft(x).abs()[:, :BINS].square() / (SIZE * 3 / 8)  # by the window's energy: exponential, of mean 1
    return (power.clamp_min(1e-6).log() - math.log(math.log(2))) / (2 * 0.4844)


def griffin_lim(s: Tensor, *, steps: int = 60, momentum: float = 0.99, start: Tensor | None = None) -> Tensor:
    """Return waveforms (B, (T - 1) * 64) of spectrograms (B, 128, T): Griffin and Lim's way, fast (Perraudin et al. 2013, doi:10.1109/WASPAA.2013.6701851).

    Args:
        start: transforms (B, 129, T) whose phases it begins with; else those of a sound whose frequencies all run on from frame to frame.
    """
    wanted = magnitudes(s)
    if start is None:
        places = torch.arange(wanted.shape[1])[:, None] * torch.arange(wanted.shape[2])
        start = torch.polar(wanted, (2 * math.pi * HOP / SIZE * places).expand_as(wanted).to(wanted))
    z = wanted * start / start.abs().clamp_min(1e-12)
    before = torch.zeros_like(z)
    for _ in range(steps):
        now = stft(istft(z))
        turned = now + momentum * (now - before)
        z, before = wanted * turned / turned.abs().clamp_min(1e-12), now
    return istft(z)


def phases(s: Tensor) -> Tensor:
    """Return phases of spectrograms (B, 128, T), in radians, as of `stft`: their slopes, integrated from the loudest places outwards.

    With a Gaussian window log-magnitude and phase determine each other: along time the phase runs as fast as the slope along frequency says,
    along frequency as the slope along time does (doi:10.1109/TASLP.2017.2678166).
    """
    found = torch.from_numpy(np.stack([_phases(one) for one in s.detach().double().numpy()])).to(s)
    return found - math.pi * torch.arange(BINS, dtype=s.dtype)[:, None]  # from the frame's middle to its beginning


def _phases(s: np.ndarray) -> np.ndarray:
    logs = (s + 1) * (math.log(LOUD / QUIET) / 2)
    along_frequency = np.gradient(logs, axis=0) * (HOP * SIZE / SPREAD)
    along_frequency += 2 * math.pi * HOP / SIZE * np.arange(len(s))[:, None]  # radians a frame
    along_time = np.gradient(logs, axis=1) * (-SPREAD / (HOP * SIZE))  # radians a frequency
    found, done = np.zeros_like(logs), s <= -1  # what is silent has no phase
    rows, columns = s.shape
    for start in np.argsort(-logs, axis=None):
        i, j = divmod(int(start), columns)
        if done[i, j]:
            continue
        done[i, j] = True
        heap = [(-logs[i, j], i, j)]
        while heap:
            _, i, j = heapq.heappop(heap)
            for a, b in ((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)):
                if 0 <= a < rows and 0 <= b < columns and not done[a, b]:
                    slope = along_time if b == j else along_frequency
                    found[a, b] = found[i, j] + (a - i + b - j) * (slope[i, j] + slope[a, b]) / 2
                    done[a, b] = True
                    heapq.heappush(heap, (-logs[a, b], a, b))
    return found


def guessed(s: Tensor) -> Tensor:
    """Return transforms (B, 129, T), complex, of spectrograms (B, 128, T), with the phases that `phases` finds."""
    return torch.polar(magnitudes(s), F.pad(phases(s), (0, 0, 0, 1)))


def ended(x: Tensor, frames: Tensor) -> list[Tensor]:
    """Return waveforms (B, N) as they are played: (n,) each, cut to so many frames (B,), 4 ms faded at either end, peak at most 0.99."""
    found = []
    for one, n in zip(x, frames.tolist(), strict=True):
        kept = one[: max(FADE, (n - 1) * HOP)].clone()
        slope = torch.linspace(0, 1, FADE).to(kept)[: len(kept)]
        kept[: len(slope)] *= slope
        kept[len(kept) - len(slope) :] *= slope.flip(0)
        found.append(kept * min(1.0, 0.99 / max(float(kept.abs().max()), 1e-9)))
    return found


def distance(x: Tensor, y: Tensor) -> float:
    """Return the log-spectral distance of two waveforms (1, N) in dB: over frequencies the root of the mean square, of that the mean over frames.

    Magnitudes below `QUIET` count as that.
    """
    n = min(x.shape[1], y.shape[1])
    return apart(spectrogram(x[:, :n]), spectrogram(y[:, :n]))


def apart(s: Tensor, t: Tensor) -> float:
    """Return the log-spectral distance of two spectrograms (1, 128, T) in dB, over the frames that both have."""
    n = min(s.shape[2], t.shape[2])
    difference = (s[..., :n] - t[..., :n]) * (10 * math.log10(LOUD / QUIET))
    return float(difference.square().mean(1).sqrt().mean())


def higher(s: Tensor, semitones: float) -> Tensor:
    """Return spectrograms (B, 128, T) with all frequencies so many semitones higher, or lower where it is negative: as long as before."""
    at = torch.arange(BINS, dtype=s.dtype, device=s.device) * 2 ** (-semitones / 12)
    low = at.long().clamp(max=BINS - 1)
    mixed = torch.lerp(s[:, low], s[:, (low + 1).clamp(max=BINS - 1)], (at - low)[:, None])
    return torch.where((at < BINS)[:, None], mixed, -1.0)


def wav(x: np.ndarray, comment: str = "") -> bytes:
    """Return a waveform (N,) in [-1, 1] as a WAV file, 8,000 samples a second of 16 bits.

    Args:
        comment: put into its list of facts (RIFF INFO, ICMT).
    """
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.round(np.clip(x, -1, 1) * 32767).astype("<i2").tobytes())
    content = buffer.getvalue()
    if comment:
        text = comment.encode() + b"\0"
        text += b"\0" * (len(text) % 2)
        content += b"LIST" + struct.pack("<I", 12 + len(text)) + b"INFOICMT" + struct.pack("<I", len(text)) + text
    return content[:4] + struct.pack("<I", len(content) - 8) + content[8:]
