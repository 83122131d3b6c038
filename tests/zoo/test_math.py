"""The mathematics, each against another source: a peer library, a closed form or a naive loop."""

import math

import numpy as np
import pytest
import scipy.linalg
import torch
import torch.nn.functional as F
from torch import nn
from torch.distributions import Bernoulli, Normal, kl_divergence
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.kid import poly_mmd

from train.core.average import Average
from train.core.gan import gradient_penalty
from train.core.settings import Settings
from train.core.steps import batches, learning_rate, moments, seed_step, steps_of
from zoo import metrics
from zoo.models import cvae, vae
from zoo.models.cgan import Config, Discriminator
from zoo.pictures import grid, pixels, sheet


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def rows(n, d=6, shift=0.0):
    """Correlated features."""
    return torch.randn(n, d) @ torch.randn(d, d, generator=torch.Generator().manual_seed(1)) + shift


# The bound of the VAEs


AUTOENCODERS = {
    "mlp": (vae.VAE(vae.Config(arch="mlp")), ()),
    "cnn": (vae.VAE(vae.Config(arch="cnn")), ()),
    "conditional": (cvae.CVAE(), (torch.arange(7),)),
}


@pytest.mark.parametrize(("model", "given"), AUTOENCODERS.values(), ids=AUTOENCODERS)
@torch.no_grad()
def test_the_bound_is_that_of_the_distributions(model, given):
    x, eps = torch.rand(7, 1, 28, 28).round(), torch.randn(7, model.config.latent)
    recon, kl = model.bound(x, *given, eps)
    mean, logvar = model.encode(x, *given)
    posterior = Normal(mean, (logvar / 2).exp())
    torch.testing.assert_close(kl, kl_divergence(posterior, Normal(0.0, 1.0)).sum(1), rtol=1e-4, atol=1e-5)
    picture = Bernoulli(probs=model.decode(posterior.mean + posterior.stddev * eps, *given))
    torch.testing.assert_close(recon, -picture.log_prob(x).sum((1, 2, 3)), rtol=1e-4, atol=1e-3)


def test_the_reconstruction_and_its_gradient_are_torchs_cross_entropy():
    class Fixed(nn.Module):
        def __init__(self):
            super().__init__()
            # From 17 on, a sigmoid in float32 is 1.
            sizes = torch.tensor([0.0, 1e-3, 1.0, 17.0, 40.0, 100.0, 1e4]).repeat_interleave(112)
            self.logits = nn.Parameter((sizes * (-1) ** torch.arange(784)).view(1, 1, 28, 28))

        def forward(self, z):
            return self.logits

    model = vae.VAE(vae.Config(arch="mlp"))
    model.decoder = Fixed()
    x = torch.rand(1, 1, 28, 28)
    found, _ = model.bound(x, torch.zeros(1, 20))
    expected = F.binary_cross_entropy_with_logits(model.decoder.logits, x, reduction="sum")
    torch.testing.assert_close(found[0], expected)
    gradients = [torch.autograd.grad(loss, model.decoder.logits)[0] for loss in (found[0], expected)]
    torch.testing.assert_close(*gradients, rtol=0, atol=1e-6)


@pytest.mark.parametrize("weight", [0.0, 1.0, 4.0])
def test_the_loss_weighs_the_two_terms(weight):
    losses = AUTOENCODERS["mlp"][0](torch.rand(5, 1, 28, 28), kl_weight=weight)
    torch.testing.assert_close(losses["loss"], losses["recon"] + weight * losses["kl"])


# Metrics


def test_frechet_distance_is_the_textbook_formula():
    a, b = rows(300), rows(500, shift=0.5)
    x, y = a.double().numpy(), b.double().numpy()
    cov_x, cov_y = np.cov(x.T), np.cov(y.T)
    root = scipy.linalg.sqrtm(cov_x @ cov_y).real
    expected = ((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(cov_x + cov_y - 2 * root)
    assert metrics.frechet_distance(a, b) == pytest.approx(expected, rel=1e-6)
    assert metrics.frechet_distance(a, a) == pytest.approx(0, abs=1e-5)


def test_frechet_distance_is_torchmetrics():
    class Features(nn.Flatten):
        num_features = 6

    a, b = rows(200), rows(100, shift=1.0)
    peer = FrechetInceptionDistance(feature=Features(), normalize=True).set_dtype(torch.float64)
    peer.update(a.double(), real=True)
    peer.update(b.double(), real=False)
    assert metrics.frechet_distance(a, b) == pytest.approx(float(peer.compute()), rel=1e-4)


def test_frechet_distance_of_diagonal_gaussians():
    a, b = torch.randn(200_000, 3) * torch.tensor([1, 2, 3]), torch.randn(200_000, 3) * torch.tensor([2, 2, 1]) + 1
    assert metrics.frechet_distance(a, b) == pytest.approx(3 + (1 - 2) ** 2 + 0 + (3 - 1) ** 2, rel=0.01)


def test_frechet_distance_needs_two():
    with pytest.raises(ValueError, match="two"):
        metrics.frechet_distance(rows(1), rows(5))


def test_kernel_distance_is_a_double_loop():
    a, b = rows(20), rows(30, shift=0.3)

    def mean(x, y, same):
        values = [
            (float(p @ q) / 6 + 1) ** 3 for i, p in enumerate(x) for j, q in enumerate(y) if not (same and i == j)
        ]
        return sum(values) / len(values)

    expected = mean(a, a, True) + mean(b, b, True) - 2 * mean(a, b, False)
    assert metrics.kernel_distance(a, b) == pytest.approx(expected, rel=1e-5)


def test_kernel_distance_is_torchmetrics():
    a, b = rows(50), rows(50, shift=0.3)
    assert metrics.kernel_distance(a, b) == pytest.approx(float(poly_mmd(a.double(), b.double())), rel=1e-9)


def distance(p, q):
    return math.dist(p.tolist(), q.tolist())


@pytest.mark.parametrize("k", [1, 3])
def test_nearest_is_a_naive_loop(k):
    a, b = rows(23), rows(17, shift=0.2)
    expected = [sorted(distance(p, q) for q in b)[k - 1] for p in a]
    torch.testing.assert_close(metrics.nearest(a, b, k, chunk=5), torch.tensor(expected), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(metrics.nearest(a.view(23, 1, 2, 3), b, k), torch.tensor(expected), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("k", [1, 3])
def test_precision_and_recall_are_naive_loops(k):
    real, made = rows(40, 3), rows(30, 3, shift=1.0)

    def share(points, centres):
        radii = [sorted(distance(p, q) for q in centres)[k] for p in centres]
        hits = [any(distance(p, c) <= r for c, r in zip(centres, radii, strict=True)) for p in points]
        return sum(hits) / len(hits)

    precision, recall = metrics.precision_recall(real, made, k, chunk=7)
    assert 0 < recall < 1 and precision != recall
    assert (precision, recall) == pytest.approx((share(made, real), share(real, made)))


def test_precision_and_recall_at_their_ends():
    a = rows(60)
    assert metrics.precision_recall(a, a.flip(0)) == (1, 1)
    assert metrics.precision_recall(a, a + 1e3) == (0, 0)
    one_mode = a[:1] + 1e-3 * torch.randn(60, 6)
    precision, recall = metrics.precision_recall(a, one_mode)
    assert precision == 1 and recall < 0.1


def test_diversity_is_a_naive_loop():
    features, y = rows(60), torch.arange(60) % 4  # classes 4 to 9 are empty
    y[y == 3] = torch.where(torch.arange(60)[y == 3] == 3, 3, 0)  # and 3 has a single member
    found = metrics.diversity(features, y)
    for label in range(3):
        mine = features[y == label]
        pairs = [distance(p, q) for i, p in enumerate(mine) for q in mine[:i]]
        assert float(found[label]) == pytest.approx(sum(pairs) / len(pairs), rel=1e-3)
    assert found[3:].isnan().all()


def test_confusion_and_agreement_are_naive_counts():
    truth, predicted = torch.randint(0, 10, (2, 200))
    pairs = list(zip(truth.tolist(), predicted.tolist(), strict=True))
    counts = [[pairs.count((row, column)) for column in range(10)] for row in range(10)]
    assert metrics.confusion(truth, predicted).tolist() == counts
    assert metrics.agreement(truth, predicted) == sum(t == p for t, p in pairs) / 200


def test_predict_in_batches_is_predict_at_once():
    model, x = nn.Module(), torch.rand(11, 1, 2, 2)
    model.classify, model.features = (lambda x: x.sum((1, 2, 3))), (lambda x: x.flatten(1))
    assert torch.equal(metrics.predict(model, x, batch_size=4), x.sum((1, 2, 3)))
    assert torch.equal(metrics.predict(model, x, "features", batch_size=4), x.flatten(1))


# Training


def test_the_moving_average_is_a_hand_loop():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    averaged = Average(model, 0.6)
    expected = None
    for n in range(20):
        with torch.no_grad():
            for p in model.parameters():
                p.add_(torch.randn_like(p))
        model(torch.randn(4, 1, 5, 5))  # moves the buffers
        averaged.update()
        now = {key: value.clone() for key, value in model.state_dict().items()}
        decay = min(0.6, (1 + n) / (10 + n))
        if n:
            expected = {
                key: decay * expected[key] + (1 - decay) * now[key] if now[key].is_floating_point() else now[key]
                for key in now
            }
        else:
            expected = now
    torch.testing.assert_close(dict(averaged.module.state_dict()), expected)


def test_a_moving_average_with_decay_0_follows():
    model = nn.Linear(3, 2)
    averaged = Average(model, 0.0)
    for _ in range(3):
        with torch.no_grad():
            model.weight.normal_()
        averaged.update()
        assert torch.equal(averaged.module.weight, model.weight)


def test_the_learning_rate_warms_up_and_falls_to_0():
    settings = Settings(lr=0.3, warmup=10)
    rate = [learning_rate(settings, step, 110) for step in range(111)]
    assert rate[:10] == pytest.approx([0.03 * (step + 1) for step in range(10)])
    assert rate[10] == pytest.approx(0.3)
    assert rate[60] == pytest.approx(0.15)  # half of the way down
    assert rate[109] < 0.3 * 0.001 and rate[110] == pytest.approx(0)
    peer = torch.optim.lr_scheduler.CosineAnnealingLR(torch.optim.SGD([torch.zeros(1)], lr=0.3), T_max=100)
    for step in range(10, 110):
        assert rate[step] == pytest.approx(peer.get_last_lr()[0])
        peer.optimizer.step()
        peer.step()


def test_a_constant_learning_rate():
    settings = Settings(lr=0.3, warmup=0, schedule="constant")
    assert {learning_rate(settings, step, 9) for step in range(9)} == {0.3}


@pytest.mark.parametrize(("steps", "count"), [(9360, 24), (100, 8), (100, 2), (12, 24), (3, 24), (1, 24)])
def test_moments_are_spaced_by_ratio_from_first_to_last(steps, count):
    found = moments(steps, count)
    assert found == sorted(set(found)) and len(found) <= count
    assert found[0] == 0
    assert found[-1] == steps or count == 2
    if len(found) > 4:
        ratios = np.diff(np.log(found[1:]))
        assert ratios.max() - ratios.min() < 0.2 + 1 / min(10, steps)


LENGTHS = torch.arange(103) * 37 % 101


@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["any", "alike"])
@pytest.mark.parametrize("world", [1, 2, 3])
def test_an_epoch_has_every_example_once(world, lengths):
    ranks = [batches(103, 10, seed=4, rank=rank, world=world, lengths=lengths) for rank in range(world)]
    epochs = []
    for epoch in range(3):
        steps = range(10 * epoch, 10 * epoch + 10)
        shares = [[indices(step).tolist() for step in steps] for indices in ranks]
        seen = [example for share in shares for part in share for example in part]
        assert len(seen) == len(set(seen)) == 100  # three are left over
        assert set(seen) <= set(range(103))
        epochs.append(shares)
    assert epochs[0] != epochs[1] != epochs[2]
    whole = batches(103, 10, seed=4, lengths=lengths)
    for step in (25, 3, 0):  # in any order: it has no state
        assert sorted(torch.cat([indices(step) for indices in ranks]).tolist()) == sorted(whole(step).tolist())
    assert batches(103, 10, seed=5, lengths=lengths)(0).tolist() != whole(0).tolist()


def test_examples_of_a_batch_are_of_like_length_where_lengths_are_given():
    def spread(lengths):
        indices = batches(103, 10, seed=4, lengths=lengths)
        return np.array([np.ptp(LENGTHS[indices(step)].numpy()) for step in range(10)])

    assert spread(LENGTHS).mean() < spread(None).mean() / 3
    firsts = [LENGTHS[batches(103, 10, seed=4, lengths=LENGTHS)(step)].min().item() for step in range(10)]
    assert firsts != sorted(firsts)  # short texts do not always come first


def test_every_seed_process_and_step_has_its_own_noise():
    draws = set()
    for key in ((0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0), (1, 0, 1), (1, 1, 0), (2, 0, 0)):
        seed, rank, step = key
        seed_step(seed, step, rank)
        draws.add(tuple(torch.randn(3).tolist()))
    assert len(draws) == 7


def test_steps_are_epochs_of_whole_batches():
    assert steps_of(Settings(epochs=2.5, batch_size=10), 103) == 25


def test_the_gradient_penalty_is_that_of_finite_differences():
    discriminator = Discriminator(Config(width=2)).double()
    x, y = torch.rand(2, 1, 28, 28, dtype=torch.float64), torch.tensor([3, 7])
    step, expected = 1e-6, 0.0
    moves = step * torch.eye(784, dtype=torch.float64).view(784, 1, 28, 28)
    with torch.no_grad():
        for picture, label in zip(x, y, strict=True):
            ups, downs = (discriminator(picture + sign * moves, label.expand(784)) for sign in (1, -1))
            expected += float((((ups - downs) / (2 * step)) ** 2).sum()) / 2
    penalty = gradient_penalty(discriminator, x, y)
    assert float(penalty.detach()) == pytest.approx(expected, rel=1e-4)
    penalty.backward()
    assert discriminator.label.weight.grad[[3, 7]].any() and not discriminator.label.weight.grad[0].any()


# Pictures


def test_a_sheet_is_read_like_text():
    pictures = np.arange(1, 6, dtype=np.uint8)[:, None, None] * np.ones((1, 2, 3), np.uint8)
    laid = sheet(pictures, 3)
    assert laid.shape == (4, 9)
    assert laid[::2, ::3].tolist() == [[1, 2, 3], [4, 5, 0]]
    assert (laid[:2, 3:6] == 2).all()
    picture = np.arange(6, dtype=np.uint8).reshape(1, 2, 3)
    assert (sheet(picture, 1) == picture[0]).all()  # not turned


def test_pixels_are_rounded_and_clamped():
    x = torch.tensor([0.0, 0.5, 1.0, 0.0019, 0.0021, -3.0, 7.0]).view(7, 1, 1, 1)
    assert pixels(x).flatten().tolist() == [0, 128, 255, 0, 1, 0, 255]
    assert grid(x, 7).tolist() == [[0, 128, 255, 0, 1, 0, 255]]
