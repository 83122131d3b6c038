"""Models that speak: what they are asked for, alone and in a batch, and on tones whose word and voice are known."""

import pytest
import torch

from zoo.models.audio_flow import AudioFlow
from zoo.models.audio_flow import Config as FlowConfig
from zoo.models.audio_idvae import AudioIDVAE
from zoo.models.audio_idvae import Config as IDVAEConfig
from zoo.sound import BINS, PATCH
from zoo.spoken import Asked, there

SMALL = {"words": "rise|fall|stay", "voices": "low|high", "longest": 24}


def untrained(kind):
    """A model whose words last 5 to 20 patches."""
    torch.manual_seed(0)
    model = kind()
    asked = model.asked if isinstance(model, AudioFlow) else model.writer.asked
    asked.length[:] = torch.linspace(1.6, 3.0, 6).view(3, 2)
    asked.spread[:] = 0.2
    return model.eval()


def flow():
    return AudioFlow(FlowConfig(**SMALL, channels=8, frame_width=32, encoder=1, decoder=2, width=64, blocks=2, heads=2))


def idvae():
    return AudioIDVAE(IDVAEConfig(**SMALL, latent=16, width=32, reader=1, writer=2))


@pytest.mark.parametrize("kind", [flow, idvae])
def test_recording_i_of_a_batch_is_that_recording_alone(kind):
    model = untrained(kind)
    s, frames = model.sample(6, seed=3)
    assert s.shape == (6, BINS, int(frames.max())) and s.min() >= -1 and s.max() <= 1
    for i, n in enumerate(frames.tolist()):
        assert (s[i, :, n:] == -1).all()
    one, alone = model.sample(1, seed=3)
    assert alone[0] == frames[0] and (one[0] - s[0, :, : int(alone)]).abs().max() < 1e-4
    again, _ = model.sample(6, seed=3, word=torch.tensor([0, 1, 2, 0, 1, 2]), voice=torch.tensor([0, 0, 0, 1, 1, 1]))
    assert torch.equal(again, s)  # None is each in turn
    shares = torch.nn.functional.one_hot(torch.tensor([0, 1, 2, 0, 1, 2]), 3)
    assert torch.equal(model.sample(6, seed=3, word=shares, voice=torch.arange(6) // 3)[0], s)
    assert not torch.equal(model.sample(6, seed=4)[0][..., :8], s[..., :8])


@pytest.mark.parametrize("kind", [flow, idvae])
def test_longer_lasts_longer_and_never_too_long(kind):
    model = untrained(kind)
    frames = [model.sample(4, voice=1, word=1, seed=1, longer=longer)[1] for longer in (0.5, 1.0, 1.5, 100.0)]
    assert (frames[0] < frames[1]).all() and (frames[1] < frames[2]).all()
    assert (frames[3] == PATCH * SMALL["longest"]).all()


MISTAKES = [({"word": 3}, "word"), ({"voice": -1}, "voice"), ({"voice": torch.tensor([0, 1, 0])}, "voice"), ({"word": torch.full((2, 3), 0.5)}, "words"), ({"n": 0}, "n must"), ({"seed": -1}, "seed")]  # fmt: skip


@pytest.mark.parametrize(("wrong", "named"), MISTAKES)
@pytest.mark.parametrize("kind", [flow, idvae])
def test_what_cannot_be_said_is_refused_by_name(kind, wrong, named):
    with pytest.raises(ValueError, match=named):
        untrained(kind).sample(**{"n": 2, "seed": 0, **wrong})


def test_lengths_are_those_of_the_recordings():
    asked = Asked(2, 1, 8, 64)
    word = torch.tensor([0, 1]).repeat(50)
    patches = torch.where(word == 0, 10, 30) + torch.arange(100) % 5
    asked.measure(patches, word, torch.zeros(100, dtype=torch.int64))
    shares = asked.shares(400, torch.tensor([0, 1]).repeat(200), 0)
    drawn = asked.lengths(*shares, seed=0)
    for w, mean in ((0, 12), (1, 32)):
        own = drawn[w::2].float()
        assert own.mean() == pytest.approx(mean, abs=0.5) and 0.5 < own.std() < 2.5
    with pytest.raises(ValueError, match="at least two recordings"):
        asked.measure(patches[:1], word[:1], word[:1])


def tones(n, seed):
    """Spectrograms (n, 128, 32) of tones that rise, fall or stay, words 0 to 2, from a low or a high pitch, voices 0 and 1."""
    generator = torch.Generator().manual_seed(seed)
    word, voice = (torch.randint(k, (n,), generator=generator) for k in (3, 2))
    start = 30 + 50 * voice + torch.randn(n, generator=generator)
    t = torch.arange(32) / 31
    pitch = start[:, None] + torch.tensor([16.0, -16.0, 0.0])[word][:, None] * t
    rows = torch.arange(BINS)[None, :, None]
    return torch.exp(-((rows - pitch[:, None]) ** 2) / 300) * 1.6 - 0.9, word, voice


def heard(s):
    """Word and voice of tones (n, 128, 32)."""
    weight = (s + 0.5).clamp_min(1e-6)
    pitch = (weight * torch.arange(BINS)[:, None]).sum(1) / weight.sum(1)
    rise = pitch[:, -6:].mean(1) - pitch[:, :6].mean(1)
    return torch.where(rise > 7, 0, torch.where(rise < -7, 1, 2)), (pitch.mean(1) > 55).long()


def test_a_flow_says_the_word_and_the_voice_that_it_is_asked_for_and_changes_the_voice_alone():
    torch.manual_seed(0)
    model, here = flow(), there(torch.full((32,), 16))
    model.asked.length[:] = torch.tensor(16.0).log()

    def learn(network, steps, given, lr):
        optimizer = torch.optim.AdamW(network.parameters(), lr=lr)
        for step in range(steps):
            optimizer.param_groups[0]["lr"] = lr * (1 - step / steps)
            optimizer.zero_grad()
            network(*given(step))["loss"].backward()
            optimizer.step()

    learn(model.autoencoder, 250, lambda step: (tones(32, step)[0], here), 1e-2)
    model.autoencoder.eval().requires_grad_(False)

    def latents(step):
        s, word, voice = tones(32, 1000 + step)
        return model.autoencoder.encode(s, here), word, voice, here

    learn(model, 250, latents, 5e-3)
    model.eval()
    s, frames = model.sample(60, seed=1, rough=0)
    word, voice = torch.arange(60) % 3, torch.arange(60) // 3 % 2
    found = heard(s)
    assert (found[0] == word).float().mean() > 0.9 and (found[1] == voice).float().mean() > 0.9

    s, word, voice = tones(60, 9999)
    frames = torch.full((60,), 32)
    z = model.encode(s, frames, word, voice)
    same, _ = heard(model.decode(z, frames, word, voice, rough=0)), z
    other = heard(model.decode(z, frames, word, 1 - voice, guidance=2.0, rough=0))
    assert (same[0] == word).float().mean() > 0.9 and (same[1] == voice).float().mean() > 0.9
    assert (other[0] == word).float().mean() > 0.9 and (other[1] == 1 - voice).float().mean() > 0.9
