"""The flow's mathematics: the inverse, the determinant against autograd's, the density against torch.distributions."""

import math

import pytest
import torch
from torch import distributions

from zoo import load
from zoo.card import Card
from zoo.hub import find
from zoo.models.real_nvp import Config, RealNVP

NAME = "real_nvp.mnist"


@pytest.fixture(scope="module")
def small():
    """A small flow in float64 that does something: untrained, its couplings would change nothing."""
    torch.manual_seed(0)
    model = RealNVP(Config(width=8, deep=8, blocks=1)).double().eval()
    for p in model.parameters():
        p.data += 0.02 * torch.randn_like(p)
    return model


@pytest.fixture(scope="module")
def pictures():
    return torch.rand(3, 1, 28, 28, generator=torch.Generator().manual_seed(4), dtype=torch.float64)


def test_thirty_couplings(small):
    assert len(small.couplings) == 30
    for first, second in zip(small.couplings[::2], small.couplings[1::2], strict=True):
        assert torch.equal(first.mask + second.mask, torch.ones_like(first.mask))  # together they change everything
    for coupling in small.couplings:
        assert coupling.mask.mean() == pytest.approx(0.5, abs=0.02)


def test_the_inverse_is_exact(small, pictures):
    torch.testing.assert_close(small.decode(small.encode(pictures)[0]), pictures, atol=1e-10, rtol=0)


def test_the_inverse_of_what_ships_is_exact():
    """On its own samples, wild ones too, and on an empty and a full page; on pixels of pure noise float32 keeps a digit less."""
    model = load(NAME)
    pages = torch.stack([torch.zeros(1, 28, 28), torch.ones(1, 28, 28)])
    for x in (model.sample(20, seed=6), model.sample(20, seed=7, temperature=1.2), pages):
        v = model.dequantise(x)
        assert (model.decode(model.encode(v)[0]) - v).abs().max() <= 1e-4


def test_the_determinant_is_autograds(small, pictures):
    _, log_det = small.encode(pictures[:1])
    jacobian = torch.autograd.functional.jacobian(lambda v: small.encode(v)[0][0], pictures[:1], vectorize=True)
    sign, wanted = torch.linalg.slogdet(jacobian.view(784, 784))
    assert sign != 0 and abs(float(log_det.detach()) - float(wanted)) < 1e-6 * abs(float(wanted))


def test_a_coupling_alone_has_autograds_determinant(small):
    for i in (0, 7, 13, 19, 29):
        coupling = small.couplings[i]
        x = torch.randn(coupling.mask.shape, dtype=torch.float64)
        jacobian = torch.autograd.functional.jacobian(lambda x, c=coupling: c(x)[0], x, vectorize=True)
        wanted = torch.linalg.slogdet(jacobian.view(x.numel(), -1))[1]
        torch.testing.assert_close(coupling(x)[1][0], wanted)


def test_the_logits_jacobian_is_counted(pictures):
    """Untrained couplings change nothing: all that is left is the logit and a scale, one pixel at a time."""
    model = RealNVP(Config(width=8, deep=8, blocks=1)).double()
    p = 1e-5 + (1 - 2e-5) * pictures
    logit = distributions.SigmoidTransform().inv
    wanted = (logit.log_abs_det_jacobian(p, logit(p)) + math.log((1 - 2e-5) / 3)).sum((1, 2, 3))
    torch.testing.assert_close(model.encode(pictures)[1], wanted)


def test_the_density_is_that_of_the_mixture(small, pictures):
    small.means.data.normal_()
    z, log_det = small.encode(pictures)
    parts = distributions.Independent(distributions.Normal(small.means, torch.ones_like(small.means)), 1)
    mixture = distributions.MixtureSameFamily(distributions.Categorical(torch.ones(10).double()), parts)
    torch.testing.assert_close(small.log_prob(pictures), mixture.log_prob(z) + log_det)
    torch.testing.assert_close(small.by_label(z), parts.log_prob(z[:, None]))
    torch.testing.assert_close(small.classify(pictures).sum(1), torch.ones(3).double())


def test_bits_of_what_is_known():
    """A uniform density over 256 levels is 8 bits; half the volume left out saves one for each pixel."""
    assert float(RealNVP.bits(torch.tensor(0.0))) == 8
    assert float(RealNVP.bits(torch.tensor(784 * math.log(2)))) == pytest.approx(7)


def test_grey_levels_stay_apart():
    x = torch.arange(256)[:, None, None, None] / 255
    low, high = RealNVP.dequantise(x, 0.0), RealNVP.dequantise(x, 1.0)
    torch.testing.assert_close(high[:-1], low[1:])
    assert low.min() == 0 and high.max() == 1


def test_the_bars_of_the_flow_hold():
    facts = Card.read(*find(NAME))
    assert facts.metric("bits").value <= 1.3 and facts.metric("inverse_error").value <= 1e-4
