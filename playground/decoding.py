"""Decodes a sound file of a stranger's, as a program of its own: `python decoding.py RATE < file > samples`.

FFmpeg reads what anybody sends. So it runs in a process that has little memory and little time, and takes nothing down with it.
"""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import av
import numpy as np

MOST_SECONDS = 60  # that are read of a file
MOST_RATE, MOST_CHANNELS = 192_000, 8
MEMORY, CPU = 2**30, 1  # bytes and seconds that it may take; a minute of any kind needs less than half of either
# Of what browsers and phones record and people keep: FFmpeg knows hundreds, and what opens files of strangers shall know few.
CODECS = {
    "pcm_u8", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le", "pcm_alaw", "pcm_mulaw", "flac", "vorbis", "opus",
    "mp3", "mp3float", "aac",
}  # fmt: skip
_FORMATS = {b"fLaC": "flac", b"OggS": "ogg", b"\x1aE\xdf\xa3": "matroska", b"ID3": "mp3"}


class SoundError(ValueError):
    """A sound cannot be used; the message says why and what would do."""


def decode(content: bytes, rate: int) -> np.ndarray:
    """Decode a sound file: its first minute, all channels together.

    Args:
        content: WAV, FLAC, Ogg (Vorbis, Opus), WebM, MP3 or MP4 (AAC).
        rate: samples a second that are returned.

    Returns:
        (N,) float32 in [-1, 1].

    Raises:
        SoundError: the file is damaged, without sound, or of another format.
    """
    kind = _kind(content)
    if kind is None:
        raise SoundError(
            "The file is no sound that can be read here: choose a WAV, FLAC, Ogg, WebM, MP3 or MP4 (as phones record)."
        )
    with _opened(content, kind) as container:
        parts = list(_resampled(container, _stream(container), rate))
    x = np.concatenate(parts)[: MOST_SECONDS * rate] if parts else np.zeros(0, np.float32)
    if not len(x):
        raise SoundError("No sound is left of the file: it is cut short or damaged. Record or save it again.")
    return np.nan_to_num(x, posinf=1.0, neginf=-1.0).clip(-1, 1).astype("<f4")


def _kind(content: bytes) -> str | None:
    """Return what FFmpeg calls a file's format, by its first bytes."""
    if content[:4] in (b"RIFF", b"RF64") and content[8:12] == b"WAVE":
        return "wav"
    if content[4:8] == b"ftyp":
        return "mov"
    if content[0] == 0xFF and len(content) > 1 and content[1] & 0xE6 == 0xE2:  # MPEG audio, layer 3
        return "mp3"
    return next((kind for start, kind in _FORMATS.items() if content.startswith(start)), None)


@contextmanager
def _opened(content: bytes, kind: str) -> Iterator[Any]:
    told = {"codec_whitelist": ",".join(sorted(CODECS))}
    try:
        with av.open(io.BytesIO(content), format=kind, options=told, metadata_errors="ignore") as container:
            yield container
    except SoundError:
        raise
    except (av.FFmpegError, OSError, ValueError, OverflowError, MemoryError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise SoundError(f"The file cannot be read as sound ({said}): record or save it again.") from error


def _stream(container: Any) -> Any:
    if not container.streams.audio:
        raise SoundError("There is no sound in the file: choose one with sound.")
    stream = container.streams.audio[0]
    context = stream.codec_context
    if context is None or context.name not in CODECS:
        raise SoundError("The sound in the file is of a kind that is not read here: save it as WAV or MP3.")
    if not 0 < context.rate <= MOST_RATE or not 0 < context.channels <= MOST_CHANNELS:
        raise SoundError(
            f"The file says that it has {context.channels} channels of {context.rate:,} samples a second: "
            f"save it with at most {MOST_CHANNELS} of {MOST_RATE:,}."
        )
    return stream


def _resampled(container: Any, stream: Any, rate: int) -> Iterator[np.ndarray]:
    """Decode a stream until a minute is full; what is damaged in the middle is left out."""
    resampler, left = av.AudioResampler(format="fltp", rate=rate), MOST_SECONDS * stream.codec_context.rate
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.InvalidDataError:
            frames = []
        for frame in frames:
            left -= frame.samples
            frame.pts = None  # a gap in its clock shall not become silence
            yield from (made.to_ndarray().mean(0) for made in resampler.resample(frame))
        if left <= 0:
            break
    yield from (made.to_ndarray().mean(0) for made in resampler.resample(None))


def main() -> int:
    """Decode what comes in, within limits where the system knows them; a refusal goes to the errors."""
    try:
        import resource
    except ImportError:  # not on Windows
        pass
    else:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU))
    try:
        sys.stdout.buffer.write(decode(sys.stdin.buffer.read(), int(sys.argv[1])).tobytes())
    except SoundError as error:
        sys.stderr.buffer.write(str(error).encode())
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
