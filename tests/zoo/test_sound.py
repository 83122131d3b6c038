"""Sounds: spectrograms there and back, phases, what is played."""

import math

import numpy as np
import pytest
import torch
from scipy import signal

from zoo import sound
from zoo.spoken import texture


@pytest.fixture(scope="module")
def voice():
    """A rising tone with overtones, a little noise after it: (1, 4096)."""
    t = torch.arange(4096) / sound.RATE
    turn = 2 * math.pi * (140 * t + 60 * t**2)
    x = sum(torch.sin(k * turn) / k for k in range(1, 20)) * torch.hann_window(4096)
    noise = 0.01 * torch.randn(4096, generator=torch.Generator().manual_seed(0))
    return torch.from_numpy(sound.levelled((x + noise).numpy()))[None]


def test_the_transform_is_scipys_and_goes_back(voice):
    z = sound.stft(voice)
    assert (sound.istft(z) - voice).abs().max() < 1e-5
    own = signal.ShortTimeFFT(signal.windows.hann(sound.SIZE, sym=False), sound.HOP, fs=sound.RATE)
    theirs = own.stft(voice[0].double().numpy(), p0=0, p1=z.shape[2])
    np.testing.assert_allclose(z[0].abs().numpy(), np.abs(theirs), atol=1e-4)


def test_a_spectrogram_holds_the_magnitudes_between_quiet_and_loud(voice):
    wanted = sound.stft(voice).abs()[:, : sound.BINS].clamp(sound.QUIET, sound.LOUD)
    found = sound.magnitudes(sound.spectrogram(voice))
    heard = wanted > 1.01 * sound.QUIET
    assert torch.allclose(found[:, :-1][heard], wanted[heard], rtol=1e-4) and not found[:, -1].any()
    assert not sound.magnitudes(torch.full((1, sound.BINS, 3), -1.0)).any()  # silence is silent


def test_phases_are_better_integrated_than_not_known_and_settled_better_still(voice):
    s = sound.spectrogram(voice)
    plain = sound.distance(voice, sound.griffin_lim(s, steps=0))
    integrated = sound.distance(voice, sound.istft(sound.guessed(s)))
    settled = sound.distance(voice, sound.griffin_lim(s, steps=32, start=sound.guessed(s)))
    assert settled < integrated < plain and settled < sound.distance(voice, sound.griffin_lim(s, steps=32))


def test_phases_of_a_steady_tone_run_on_at_its_frequency():
    frequency = 437.5  # Hz: 14 bins
    x = 0.3 * torch.sin(2 * math.pi * frequency / sound.RATE * torch.arange(4096))[None]
    found, true = sound.phases(sound.spectrogram(x))[0, 14], sound.stft(x)[0, 14].angle()
    off = torch.polar(torch.ones(1), (found - true)[8:-8])
    assert (off - off.mean()).abs().max() < 0.05  # but for one turn of all


def test_the_distance_of_a_sound_to_itself_is_nothing_and_twice_as_loud_is_six_decibels(voice):
    assert sound.distance(voice, voice) == 0
    loud = torch.sin(torch.arange(4096) * 0.3)[None] + 0.3 * torch.randn(
        1, 4096, generator=torch.Generator().manual_seed(1)
    )
    assert sound.distance(loud, loud / 2) == pytest.approx(20 * math.log10(2), abs=0.05)


def test_levelled_sounds_are_alike_loud_and_never_clip():
    rng = np.random.default_rng(0)
    x = rng.standard_normal(8000).astype(np.float32)
    a, b = (sound.levelled(x * gain) for gain in (0.01, 3.0))
    np.testing.assert_allclose(a, b, rtol=1e-4)
    click = np.zeros(4000, np.float32)
    click[2000] = 1
    assert np.abs(sound.levelled(click)).max() <= sound.PEAK and not sound.levelled(np.zeros(100, np.float32)).any()
    assert len(sound.levelled(np.zeros(0, np.float32))) == 0


def test_texture_is_that_of_noise_and_depends_on_the_seed_and_its_number():
    found = texture(3, 100, seed=5)
    assert found.abs().mean() == pytest.approx(1, abs=0.03) and found.median().abs() < 0.05
    assert torch.equal(texture(2, 60, seed=5), found[:2, :, :60])
    assert not torch.equal(texture(1, 60, seed=6), found[:1, :, :60])


def test_what_is_played_ends_where_it_should_without_a_click_and_never_clips():
    loud = torch.full((2, 40 * sound.HOP), 3.0)
    long, short = sound.ended(loud, torch.tensor([41, 11]))
    assert len(long) == 40 * sound.HOP and len(short) == 10 * sound.HOP
    for one in (long, short):
        assert one.abs().max() <= 0.99 and one[0] == one[-1] == 0 and one.diff().abs().max() < 0.05
