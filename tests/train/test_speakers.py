"""Training of the models that speak: what listeners are played, the IDVAE's game and what it erases, the vocoder's measure."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from accelerate.state import AcceleratorState

from train import audio_idvae, vocoder
from train.core import heard
from train.core.spoken import spectrograms, voices
from zoo.data import fsdd
from zoo.data.spoken import Clips
from zoo.models.audio_idvae import AudioIDVAE, Config
from zoo.sound import BINS, PATCH, levelled, spectrogram


def tone(pitch: float, seconds: float) -> np.ndarray:
    t = np.arange(int(8000 * seconds)) / 8000
    return levelled(np.sin(2 * np.pi * pitch * t).astype(np.float32))


@pytest.fixture(scope="module")
def clips():
    """Two words, long and short tones, in two voices, low and high: (24,)."""
    word, voice = np.arange(24) % 2, np.arange(24) // 2 % 2
    sounds = [tone((400, 1600)[v] + 5 * i, (0.3, 0.2)[w]) for i, (w, v) in enumerate(zip(word, voice, strict=True))]
    return Clips(tuple(sounds), word, voice)


def test_recordings_keep_their_lengths_and_nothing_comes_after(clips):
    s, patches = spectrograms(clips, 24)
    assert s.shape == (24, BINS, 48) and patches[:2].tolist() == [(1 + 2400 // 64) // PATCH, (1 + 1600 // 64) // PATCH]
    for row, one, n in zip(s, clips.waveforms, patches.tolist(), strict=True):
        assert (row[:, PATCH * n :] == -1).all()
        assert torch.allclose(
            row[:, : PATCH * n], spectrogram(torch.from_numpy(one.copy())[None])[0, :, : PATCH * n], atol=1e-5
        )
    late, fewer = spectrograms(clips, 24, late=640)
    assert torch.allclose(late[0, :, 5:20], s[0, :, 15:30], atol=1e-3) and (fewer == patches - 5).all()
    assert voices(clips.part(np.arange(2))).tolist() == [0, 0]


def test_listeners_hear_the_middle():
    s = torch.arange(6.0).expand(1, 1, 6)
    assert heard.middle(s, torch.tensor([4]), 8).flatten().tolist() == [-1, -1, 0, 1, 2, 3, -1, -1]
    assert heard.middle(s, torch.tensor([6]), 4).flatten().tolist() == [1, 2, 3, 4]


def test_every_word_is_asked_for_in_every_voice():
    word, voice = heard.told(fsdd, 3)
    assert len(word) == 180 and torch.bincount(10 * voice + word).tolist() == [3] * 60


@pytest.fixture(scope="module")
def trained(clips, tmp_path_factory):
    """A small IDVAE after a few steps of its game, by `fit`, and what it learnt from."""
    AcceleratorState._reset_state(reset_partial_state=True)
    settings = replace(
        audio_idvae.VARIANTS["digits"], runs=tmp_path_factory.mktemp("runs"), snapshots=0, epochs=8, batch_size=8, warmup=0,
        model=Config("long|short", "low|high", longest=24, latent=8, width=16, reader=1, writer=1, erased=4),
    )  # fmt: skip
    torch.manual_seed(0)
    model = AudioIDVAE(settings.model)
    learnt = (*spectrograms(clips, 24), torch.from_numpy(clips.words), voices(clips))
    model.writer.asked.measure(learnt[1], *learnt[2:])
    before = {key: p.clone() for key, p in model.named_parameters()}
    made, run = audio_idvae.fit("audio_idvae.small", model, learnt, clips, fsdd, settings)
    AcceleratorState._reset_state(reset_partial_state=True)
    return made, run, before, learnt


def test_all_networks_of_the_game_learn(trained):
    model, run, before, _ = trained
    log = run.log()
    assert log[-1]["step"] == 24 and all(np.isfinite(list(record.values())).all() for record in log)
    still = [key for key, p in model.named_parameters() if torch.equal(p, before[key])]
    assert still == ["reader.score.bias"]  # scores are compared with each other alone


def test_what_is_erased_lines_cannot_tell(trained):
    model, _, _, (s, patches, word, voice) = trained
    z = model.encode(s, PATCH * patches)
    apart = [(z[label == 0].mean(0) - z[label == 1].mean(0)).abs().max() for label in (word, voice)]
    audio_idvae.erase(model, s, patches, word, voice)
    erased = model.encode(s, PATCH * patches)
    for label, before in zip((word, voice), apart, strict=True):
        assert (erased[label == 0].mean(0) - erased[label == 1].mean(0)).abs().max() < 0.02 * before
    assert not torch.allclose(erased, torch.zeros_like(erased), atol=1e-3)


def test_spectra_of_a_sound_are_like_its_own_and_unlike_anothers():
    a, b = (torch.from_numpy(tone(pitch, 0.3))[None] for pitch in (400, 900))
    assert vocoder.unlike(vocoder.spectra(a), vocoder.spectra(a)) == 0
    assert vocoder.unlike(vocoder.spectra(-a), vocoder.spectra(a)) < 1e-5  # a phase is no difference
    assert vocoder.unlike(vocoder.spectra(b), vocoder.spectra(a)) > 0.5
    scores = vocoder.Discriminator()(vocoder.spectra(a))
    assert len(scores) == len(vocoder.SIZES) and all(kept[-1].shape[:2] == (1, 1) for kept in scores)
