"""The diffusion page's arithmetic: moments of a walk, the circle between two noises, and what a finished digit keeps."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

import zoo
from playground.catalogue import load
from playground.demos import diffusion
from playground.demos.diffusion import FIRST, walks
from playground.demos.diffusion.walks import DIGITS, FRAMES
from playground.markup import ORANGE, inked
from playground.noises import spherical
from zoo.nn import noise
from zoo.pictures import pixels

HOW = {"steps": 4, "guidance": 1.2, "sampler": "dpm"}


def own(seed: int, label: int, steps: int = 4, sampler: str = "dpm") -> np.ndarray:
    """The picture that the model draws of a seed by itself."""
    x = zoo.load(DIGITS).sample(1, seed=seed, label=label, steps=steps, sampler=sampler, guidance=1.2)
    return pixels(x)[0].astype(int)


@pytest.mark.parametrize("sampler", ["ddpm", "ddim", "dpm"])
def test_a_walk_begins_with_its_seeds_noise_and_ends_with_its_picture(sampler):
    there, seen, levels = walks.walk(DIGITS, 7, 11, 4, 1.2, sampler)
    assert there.shape == seen.shape == (5, 28, 28) and levels == [1000, 750, 500, 250, 0]
    assert (there[0] == pixels((noise(1, 1, 28, 28, seed=11) + 1) / 2)[0]).all()
    assert abs(there[-1] - own(11, 7, sampler=sampler)).max() <= 1 and (seen[-1] == there[-1]).all()


def test_what_is_seen_at_a_moment_is_seen_in_what_is_there():
    model = load(DIGITS)
    x, y = noise(1, 1, 28, 28, seed=3), torch.tensor([5])
    first, *_ = model.walk(x, y, seed=3, steps=4, guidance=1, sampler="ddim")
    _, seen, _ = walks.walk(DIGITS, 5, 3, 4, 1, "ddim")
    for moment, (at, level) in enumerate([(x, 1000), (first.x, 750)]):
        assert abs(seen[moment].astype(int) - pixels((model.clean(at, level, y) + 1) / 2)[0]).max() <= 1


@pytest.mark.parametrize("guidance", [0, 1, 1.2, 5])
def test_the_page_says_how_often_the_network_is_asked(guidance, monkeypatch):
    unet, asked = load(DIGITS).unet, []
    ask = unet.forward
    monkeypatch.setattr(unet, "forward", lambda x, t, y: (asked.append(len(x)), ask(x, t, y))[1])
    walks.walk.__wrapped__(DIGITS, 2, 1, 6, guidance, "dpm")
    assert sum(asked) == walks.evaluations(6, guidance) == (6 if guidance in (0, 1) else 12)
    assert f"asks the network {sum(asked)} times" in diffusion.cost(6, guidance)
    assert diffusion.cost(1, 1).endswith("the network once.")


def test_the_film_holds_both_ends():
    for steps in (1, 2, 11, 12, 50):
        at = diffusion.chosen(steps)
        assert at[0] == 0 and at[-1] == steps and len(at) == len(set(at)) == min(steps + 1, 12) and at == sorted(at)


def test_mixed_noise_keeps_the_variance_that_a_mean_loses():
    a, b = (noise(1, 1, 28, 28, seed=seed) for seed in (1, 2))
    mixed = spherical(a, b, torch.linspace(0, 1, 9))
    torch.testing.assert_close(mixed[[0, -1]], torch.cat([a, b]), atol=1e-5, rtol=0)
    spread = mixed.square().mean((1, 2, 3))
    low, high = sorted([float(a.square().mean()), float(b.square().mean())])
    assert low - 0.01 < spread.min() and spread.max() < high + 0.01
    assert float((0.5 * (a + b)).square().mean()) < 0.6
    assert torch.equal(spherical(a, a, torch.linspace(0, 1, 3)), a.expand(3, -1, -1, -1))


@pytest.mark.parametrize(("sampler", "used"), [("dpm", "dpm"), ("ddpm", "ddim")])
def test_the_ends_of_a_strip_are_the_seeds_own_pictures(sampler, used):
    asked = {"model": DIGITS, "label": "2", "seed": 1, "other": 7, "steps": 4, "guidance": 1.2, "sampler": sampler}
    assert diffusion.strip_of({**asked, "steps": 50})[4] == walks.SHORT
    frames = walks.between(*diffusion.strip_of(asked)).astype(int)
    assert len(frames) == FRAMES and abs(frames[0] - frames[-1]).max() > 100
    for frame, seed in ((frames[0], 1), (frames[-1], 7)):
        assert abs(frame - own(seed, 2, sampler=used)).max() <= 1


def test_a_finished_digit_keeps_what_was_drawn_and_adds_to_it():
    drawn = walks.part(FIRST)
    made, read = walks.finish(FIRST, "3", 1, 3)
    kept = drawn > 0
    assert 20 < kept.sum() < 150 and abs(made[:, kept] - 255 * drawn[kept]).max() <= 0.51
    assert (made[:, ~kept].sum(1) > 20 * 255).all() and (read == 3).sum() >= 2
    assert (walks.finish(FIRST, "3", 1, 2)[0].astype(int) - made[:2]).max() <= 1
    shown = walks.coloured(np.full((1, 28, 28), 255, np.uint8), kept, (1, 2, 3))[0]
    assert (shown[kept] == ORANGE).all() and (shown[~kept] == (1, 2, 3)).all()
    clear = np.asarray(Image.open(io.BytesIO(inked(made[0], (1, 2, 3), scale=1, own=kept))))
    assert (clear[kept][:, :3] == ORANGE).all() and (clear[~kept][:, :3] == (1, 2, 3)).all()
    assert (clear[..., 3] == made[0]).all()


def test_a_drawing_stays_where_it_was_drawn():
    left, right = (walks.part([[x, 40, x, 80]]) for x in (30, 225))
    for side, other in ((left[:14, :10], left[:, 10:]), (right[:14, 18:], right[:, :18])):
        assert side.any() and not other.any()
    assert not left[14:].any() and abs(left - right[:, ::-1]).max() < 0.2


def test_nothing_drawn_gives_a_sentence():
    for strokes in ([], [[5, 5]]):
        made, read = walks.finish(strokes, "any", 1, 4)
        assert len(made) == len(read) == 0 and "Nothing is drawn yet" in diffusion.ends(read)
    v = {name: field.default for name, field in diffusion.fields().items()} | HOW | {"drawing": []}
    assert diffusion.render(v).shape == (3 * 28, 12 * 28, 3)


def test_a_stage_shows_the_walk_before_the_slower_parts():
    v = {name: field.default for name, field in diffusion.fields().items()} | HOW | {"moment": 50, "ways": 1}
    first, *rest = diffusion.stage(v)
    assert list(first) == ["walk"] and [list(part) for part in rest] == [["between"], ["finished"]]
    large, said, film = first["walk"]
    assert (large.pixels[0] == large.pixels[1]).all() and film.captions[-1] == "now 4"
    assert said.text.startswith("Moment 4 of 4")


def test_the_code_gives_the_moment_that_is_shown():
    v = {name: field.default for name, field in diffusion.fields().items()} | HOW | {"moment": 50, "label": "9"}
    for moment in (0, 2, 50):
        known = {}
        exec(diffusion.code(v | {"moment": moment}), known)
        there, seen, _ = walks.walk(*diffusion.walk_of(v))
        for name, pictures in (("there", there), ("seen", seen)):
            assert (pixels((known[name] + 1) / 2)[0] == pictures[min(moment, 4)]).all()
