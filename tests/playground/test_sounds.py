"""Sounds from outside: what is read, what is refused, and which word is cut out."""

import io
import struct
import wave
import zlib

import av
import numpy as np
import pytest

from playground import decoding, sounds
from playground.sounds import SoundError
from zoo.sound import RATE

FILES = [
    ("wav", "pcm_s16le", 48_000), ("wav", "pcm_u8", 11_025), ("wav", "pcm_s24le", 44_100), ("wav", "pcm_f32le", 8_000), ("flac", "flac", 44_100),
    ("ogg", "libopus", 48_000), ("ogg", "vorbis", 44_100), ("webm", "libopus", 48_000), ("mp3", "libmp3lame", 44_100), ("mp4", "aac", 48_000),
]  # fmt: skip


def read(content: bytes) -> np.ndarray:
    """Read a file as `sounds.read` does, within this process, which takes less time."""
    return decoding.decode(content, RATE)


def word(content: bytes) -> sounds.Cut:
    return sounds.loudest(read(content))


def tone(rate: int, seconds: float = 1.5, start: float = 0.5, end: float = 1.0, pitch: float = 440) -> np.ndarray:
    t = np.arange(int(rate * seconds)) / rate
    return (0.3 * np.sin(2 * np.pi * pitch * t) * ((t > start) & (t < end))).astype(np.float32)


def made(x: np.ndarray, rate: int, kind: str, codec: str) -> bytes:
    """Return a file of a sound (N,), or (channels, N), by FFmpeg's encoders."""
    x = np.stack([x, x]) if codec == "vorbis" and x.ndim == 1 else x  # FFmpeg's own encoder has two channels
    layout = "mono" if x.ndim == 1 else "stereo"
    file = io.BytesIO()
    with av.open(file, "w", format=kind) as container:
        stream = container.add_stream(codec, rate=rate, layout=layout, options={"strict": "experimental"})
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(x.T.reshape(1, -1)), format="flt", layout=layout)
        frame.rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return file.getvalue()


def waved(x: np.ndarray, rate: int = RATE, channels: int = 1) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((x * 32767).astype("<i2").tobytes())
    return file.getvalue()


def header(*, channels: int = 1, rate: int = RATE, bits: int = 16, kind: int = 1, size: int = 2**32 - 1) -> bytes:
    """Return the head of a WAV that says what it likes."""
    block = channels * bits // 8
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", size, b"WAVE", b"fmt ", 16, kind, channels, rate, rate * block % 2**32, block % 2**16, bits, b"data", size
    )  # fmt: skip


def film() -> bytes:
    """Return a video without sound."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 32
        for _ in range(5):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), "rgb24")))
        container.mux(stream.encode(None))
    return file.getvalue()


def pitch(x: np.ndarray) -> float:
    return np.abs(np.fft.rfft(x)).argmax() * RATE / len(x)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(("kind", "codec", "rate"), FILES)
def test_a_word_is_found_in_any_file(kind, codec, rate, channels):
    x = tone(rate)
    content = made(x if channels == 1 else np.stack([x, x / 2]), rate, kind, codec)
    x = read(content)
    assert x.dtype == np.float32 and abs(len(x) / RATE - 1.5) < 0.1  # codecs fill their last frame
    assert abs(np.abs(x).max() / (0.3 if channels == 1 else 0.225) - 1) < 0.15
    cut = word(content)
    assert abs(pitch(cut.x) - 440) < 4
    assert abs(cut.start - 0.5) < 0.08 and abs(len(cut.x) / RATE - 0.5) < 0.12


def test_what_is_too_high_for_the_rate_does_not_come_back_lower():
    x = tone(48_000, pitch=440) + tone(48_000, pitch=7000)  # 7 kHz would be heard at 1 kHz
    found = np.abs(np.fft.rfft(read(made(x, 48_000, "wav", "pcm_s16le"))))
    places = np.fft.rfftfreq(12_000, 1 / RATE)
    assert found[np.abs(places - 1000) < 100].max() < 0.01 * found.max()


def test_a_recording_that_a_browser_breaks_off_is_read_as_far_as_it_goes():
    content = made(tone(48_000), 48_000, "webm", "libopus")
    assert abs(pitch(word(content[: len(content) * 3 // 4]).x) - 440) < 4


def test_only_a_minute_is_read_and_a_second_of_noise_is_cut_out():
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 70 * RATE).astype(np.float32)
    cut = word(made(noise, RATE, "flac", "flac"))
    assert cut.whole == 60 and len(cut.x) == RATE
    assert np.abs(cut.x).max() <= 0.951


def test_the_loudest_word_is_cut_out_and_no_click():
    x = np.concatenate([tone(RATE, 2, 0.5, 0.8, 300) / 3, tone(RATE, 2, 0.5, 1.1, 600), np.zeros(RATE, np.float32)])
    x += np.random.default_rng(1).normal(0, 1e-3, len(x)).astype(np.float32)
    x[100] = 1.0
    cut = sounds.loudest(x)
    assert abs(pitch(cut.x) - 600) < 4 and abs(cut.start - 2.5) < 0.08 and abs(len(cut.x) / RATE - 0.6) < 0.1


def test_a_mouth_that_closes_does_not_end_a_word():
    x = np.concatenate([tone(RATE, 1, 0.5, 0.7), tone(RATE, 1, 0, 0.15)])
    x[5600:8000] = 0
    x = np.concatenate([x[:5600], x[6800:]])  # 150 ms of silence within
    assert abs(len(sounds.loudest(x).x) / RATE - 0.5) < 0.05


@pytest.mark.parametrize("samples", [2, 30, 700])
def test_very_short_sounds_are_padded(samples):
    assert len(sounds.loudest(0.5 * (-1.0) ** np.arange(samples)).x) >= sounds.SHORTEST * RATE


@pytest.mark.parametrize("channels", [1, 2])
def test_nothing_clips(channels):
    loud = np.sign(tone(48_000))
    x = read(made(loud if channels == 1 else np.stack([loud, loud]), 48_000, "wav", "pcm_f32le"))
    assert np.abs(x).max() <= 1
    assert np.abs(sounds.loudest(x).x).max() <= 0.951


NOISE = np.random.default_rng(2).bytes(4000)
REFUSED = {
    "a page": (b"<!DOCTYPE html><html></html>", "is no sound"),
    "an archive": (b"PK\x03\x04" + NOISE, "is no sound"),
    "a playlist": (b"#EXTM3U\nhttp://127.0.0.1/x.wav\n", "is no sound"),
    "a byte": (b"\xff", "is no sound"),
    "silence": (waved(np.zeros(RATE)), "Nothing is to be heard"),
    "hardly a sound": (waved(np.full(RATE, 1e-4) * (-1.0) ** np.arange(RATE)), "Nothing is to be heard"),
    "no samples": (waved(np.zeros(0)), "No sound is left|cannot be read"),
    "a header alone": (header(), "No sound is left|cannot be read"),
    "half a header": (header()[:30], "cannot be read"),
    "no rate": (header(rate=0) + NOISE, "cannot be read|samples a second"),
    "a rate of billions": (header(rate=2**31 - 1) + NOISE, "cannot be read|samples a second"),
    "ever so many channels": (header(channels=65535, bits=8) + NOISE, "cannot be read|channels"),
    "a codec for telephones of old": (header(kind=0x31, bits=0) + NOISE, "cannot be read|not read here"),
    "noise that begins as FLAC": (b"fLaC" + NOISE, "cannot be read"),
    "noise that begins as Ogg": (b"OggS" + NOISE, "cannot be read"),
    "noise that begins as WebM": (b"\x1aE\xdf\xa3" + NOISE, "cannot be read"),
    "noise that begins as MP4": (b"\0\0\0\x18ftyp" + NOISE, "cannot be read"),
    "noise that begins as MP3": (b"ID3" + NOISE, "cannot be read|No sound is left"),
    "a video without sound": (film(), "no sound in the file"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_word_is_refused_and_the_reason_said(case):
    content, said = REFUSED[case]
    with pytest.raises(SoundError, match=said):
        word(content)


def packed(blocks: list[bytes]) -> bytes:
    """Return a WebM of MP3 whose blocks are to be unpacked by zlib."""

    def element(name: str, *parts: bytes) -> bytes:
        content = b"".join(parts)
        return bytes.fromhex(name) + struct.pack(">Q", len(content) | 1 << 56) + content

    unpack = element("6d80", element("6240", element("5034", element("4254", b"\0"))))
    audio = element("e1", element("b5", struct.pack(">f", 48_000)), element("9f", b"\1"))
    track = element(
        "ae",
        element("d7", b"\1"),
        element("73c5", b"\1"),
        element("83", b"\2"),
        element("86", b"A_MPEG/L3"),
        unpack,
        audio,
    )
    cluster = element("1f43b675", element("e7", b"\0"), *(element("a3", b"\x81\0\0\x80", block) for block in blocks))
    return element("1a45dfa3", element("4282", b"webm")) + element("18538067", element("1654ae6b", track), cluster)


BOMB = packed([zlib.compress(b"\xff" * 9_900_000)] * 300)
OUTSIDE = {
    "a word": (waved(tone(RATE)), ""),
    "empty": (b"", "is empty"),
    "too large": (b"RIFF" + bytes(sounds.MOST_BYTES), "over 5 MB"),
    "no sound": (b"<!DOCTYPE html>", "is no sound"),
    "damaged": (b"fLaC" + NOISE, "cannot be read"),
    "three gigabytes in three megabytes": (BOMB, "takes more than a sound of a minute does|not read in time"),
}


@pytest.mark.parametrize("case", OUTSIDE)
def test_files_are_read_in_a_process_of_their_own(case):
    content, said = OUTSIDE[case]
    if said:
        with pytest.raises(SoundError, match=said):
            sounds.word(content)
    else:
        assert (sounds.read(content) == read(content)).all()
        assert abs(pitch(sounds.word(content).x) - 440) < 4


def test_a_header_may_claim_any_length():
    cut = word(header() + waved(tone(RATE))[44:])
    assert abs(pitch(cut.x) - 440) < 4


def test_numbers_that_are_none_are_silence():
    given = tone(RATE).astype("<f4")
    given[:100] = [np.nan, np.inf] * 50
    x = read(header(kind=3, bits=32) + given.tobytes())
    assert np.isfinite(x).all() and np.abs(x).max() <= 1


def test_what_a_small_file_holds_after_a_minute_is_not_unpacked(monkeypatch):
    long = made(np.zeros(180 * RATE, np.float32), RATE, "flac", "flac")
    seen = 0
    decode = decoding._resampled

    def counted(*given):
        nonlocal seen
        for part in decode(*given):
            seen += len(part)
            yield part

    monkeypatch.setattr(decoding, "_resampled", counted)
    assert len(read(long)) == 60 * RATE
    assert seen < 62 * RATE


@pytest.mark.parametrize(("kind", "codec", "rate"), FILES)
def test_damaged_files_are_read_or_refused(kind, codec, rate):
    content = made(tone(rate, 0.6, 0.1, 0.5), rate, kind, codec)
    rng = np.random.default_rng(3)
    for _ in range(6):
        damaged = np.frombuffer(content, np.uint8).copy()
        damaged[rng.integers(4, len(damaged), 20)] = rng.integers(0, 256, 20)
        try:
            assert np.isfinite(word(damaged.tobytes()).x).all()
        except SoundError as error:
            assert str(error)[-1] == "."
