"""The mathematics of diffusion, against Bayes' rule, closed forms and a distribution whose flow is known."""

import pytest
import torch

from zoo import load
from zoo.card import Card
from zoo.hub import find
from zoo.models import ddpm

NAME = "ddpm.mnist"


@pytest.fixture(scope="module")
def model():
    return load(NAME)


def test_the_noise_grows_and_keeps_the_variance(model):
    assert torch.allclose(model.a**2 + model.s**2, torch.ones(1001))
    assert (model.a.diff() < 0).all() and model.a[0] == 1 and model.a[-1] < 1e-3
    t = torch.linspace(0, 1, 1001, dtype=torch.float64)
    cosine = (0.5 * torch.pi * (t + 0.008) / 1.008).cos() ** 2  # arXiv 2102.09672, equation 17
    torch.testing.assert_close(ddpm.schedule(1000)[:-1], (cosine / cosine[0])[:-1], atol=1e-12, rtol=1e-9)


@pytest.mark.parametrize(("t", "u"), [(1000, 999), (700, 350), (50, 49), (2, 1)])
def test_a_step_of_the_papers_sampler_is_the_posterior(model, t, u):
    """q(x_u | x_t, x_0) by Bayes' rule: precisions of the prior from x_0 and of what x_t says add up."""
    x, clean = 0.7, -0.4
    a, a_u = (float(model.a[i].double()) for i in (t, u))
    kept = a / a_u
    precision = 1 / (1 - a_u**2) + kept**2 / (1 - kept**2)
    mean = (a_u * clean / (1 - a_u**2) + kept * x / (1 - kept**2)) / precision
    still, moved = (
        float(model.step(torch.tensor(x), torch.tensor(clean), t, u, "ddpm", None, lambda e=e: torch.tensor(e)))
        for e in (0.0, 1.0)
    )
    assert still == pytest.approx(mean, abs=1e-3)  # float32, of 1 - a^2 near 0
    assert moved - still == pytest.approx(precision**-0.5, abs=1e-3)


@pytest.mark.parametrize("sampler", ["ddim", "dpm"])
def test_one_known_picture_is_reached_along_a_straight_line(model, sampler, monkeypatch):
    """Were there one picture in the world, x_t would be a_t x + s_t eps all the way, with the same eps."""
    picture, eps = torch.rand(1, 1, 28, 28) * 2 - 1, torch.randn(1, 1, 28, 28)
    monkeypatch.setattr(model, "clean", lambda *_: picture)
    start = model.a[-1] * picture + model.s[-1] * eps
    for step in model.walk(start, torch.zeros(1).long(), seed=0, steps=7, sampler=sampler):
        torch.testing.assert_close(step.x, model.a[step.t] * picture + model.s[step.t] * eps, atol=2e-5, rtol=0)


def wandering(model, sampler, steps, monkeypatch, spread=0.5):
    """How far a sampler ends from where the exact flow of N(0, spread^2) leads, from x_T = 1."""

    def best(x, t, *_):
        return model.a[t] * spread**2 / (model.a[t] ** 2 * spread**2 + model.s[t] ** 2) * x

    monkeypatch.setattr(model, "clean", best)
    *_, last = model.walk(torch.ones(1, 1, 1, 1), torch.zeros(1).long(), seed=0, steps=steps, sampler=sampler)
    return abs(float(last.x) - spread)


def test_the_fast_sampler_needs_a_tenth_of_the_steps(model, monkeypatch):
    error = {
        (sampler, steps): wandering(model, sampler, steps, monkeypatch)
        for sampler in ("ddim", "dpm")
        for steps in (20, 40, 160)
    }
    assert 1.8 < error["ddim", 20] / error["ddim", 40] < 2.2  # of first order
    for steps in (20, 40):
        assert error["dpm", steps] < error["ddim", 160]
    assert error["dpm", 160] < 2e-4


def test_the_papers_sampler_keeps_the_spread(model, monkeypatch):
    def best(x, t, *_):
        return model.a[t] * 0.25 / (model.a[t] ** 2 * 0.25 + model.s[t] ** 2) * x

    monkeypatch.setattr(model, "clean", best)
    x = torch.randn(400, 1, 5, 5, generator=torch.Generator().manual_seed(0))
    *_, last = model.walk(x, torch.zeros(400).long(), seed=3, steps=100, sampler="ddpm")
    assert float(last.x.std()) == pytest.approx(0.5, abs=0.03)
    assert not torch.equal(last.x[0], last.x[1])


def test_guidance_0_ignores_the_label_and_1_is_told_it(model):
    x, y = torch.randn(3, 1, 28, 28), torch.tensor([1, 5, 8])
    at, none = torch.full((3,), 0.6), torch.full((3,), 10)

    def seen(label):
        return (model.a[600] * x - model.s[600] * model.unet(x, at, label)).clamp(-1, 1)

    torch.testing.assert_close(model.clean(x, 600, y, 0), seen(none))
    torch.testing.assert_close(model.clean(x, 600, y, 1), seen(y))
    for guidance in (1e-6, 1 + 1e-6):  # asked twice, and all the same
        torch.testing.assert_close(model.clean(x, 600, y, guidance), model.clean(x, 600, y, round(guidance)), atol=1e-4, rtol=0)  # fmt: skip
    assert torch.equal(model.clean(x, 600, y, 0), model.clean(x, 600, y.flip(0), 0))


@pytest.mark.parametrize(("guidance", "rows"), [(0, 10), (1, 10), (1.2, 20)])
def test_a_guided_step_counts_two(model, guidance, rows, monkeypatch):
    asked, ask = [], model.unet.forward
    monkeypatch.setattr(model.unet, "forward", lambda x, t, y: (asked.append(len(x)), ask(x, t, y))[1])
    model.sample(1, seed=0, label=3, guidance=guidance)
    assert sum(asked) == rows


def test_later_pictures_do_not_depend_on_the_first(model):
    for sampler in ddpm.SAMPLERS:
        whole = model.sample(5, seed=2, label=4, steps=4, sampler=sampler)
        part = model.sample(2, seed=2, label=4, steps=4, sampler=sampler, start=3)
        torch.testing.assert_close(part, whole[3:], atol=1 / 255, rtol=0)


def test_what_is_known_is_kept_and_the_rest_goes_with_it(model):
    seven = 2 * model.sample(1, seed=5, label=7) - 1
    mask = torch.zeros(1, 1, 28, 28)
    mask[..., :14, :] = 1
    x, y = torch.randn(6, 1, 28, 28, generator=torch.Generator().manual_seed(1)), torch.full((6,), 7)
    *_, last = model.walk(x, y, seed=1, steps=20, sampler="ddpm", known=seven, mask=mask, repeats=3)
    assert ((last.x - seven) * mask).abs().max() == 0
    assert (load("judge.mnist").classify((last.x + 1) / 2).argmax(1) == 7).sum() >= 5


@pytest.mark.parametrize(
    ("options", "problem"),
    [({"steps": 0}, "1 to 1000"), ({"steps": 1001}, "1 to 1000"), ({"sampler": "euler"}, "one of ddpm, ddim, dpm")],
)
def test_bad_walks_are_refused(model, options, problem):
    with pytest.raises(ValueError, match=problem):
        model.sample(1, seed=0, **options)


def test_few_evaluations_are_nearly_as_good_as_a_thousand():
    """2,000 samples each: 20 evaluations against the cGAN's one, and against 1,000."""
    facts = Card.read(*find(NAME))
    few = facts.metric("frechet_few").value
    assert few < facts.metric("frechet_cgan").value and few <= 1.3 * facts.metric("frechet_ddpm1000").value
    assert facts.metric("agreement_few").value >= 99
