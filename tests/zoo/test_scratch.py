"""The numpy network: every layer, activation and loss against torch's derivatives; a step against torch's Adam."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from zoo.models.scratch import ACTIVATIONS, LOSSES, Config, Network, Scratch, softmax

TORCH = {
    "relu": torch.relu,
    "leaky relu": lambda x: F.leaky_relu(x, 0.1),
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "softplus": F.softplus,
    "none": lambda x: x,
}
TORCH_LOSSES = {
    "cross-entropy": F.cross_entropy,
    "squared error": lambda logits, y: 0.5 * (logits - F.one_hot(y, logits.shape[1])).square().sum(1).mean(),
    "hinge": lambda logits, y: F.multi_margin_loss(logits, y, reduction="mean") * logits.shape[1],
}


def examples(n: int = 12, inputs: int = 7, classes: int = 4):
    rng = np.random.default_rng(0)
    return rng.random((n, inputs)), rng.integers(0, classes, n)


def both(activation: str, loss: str, hidden: str):
    """Our network in float64, its loss and gradients; and torch's."""
    network = Network(Config(7, hidden, 4, activation, loss), seed=3)
    network.weights = [w.astype(np.float64) for w in network.weights]
    network.biases = [np.full(len(b), 0.1) for b in network.biases]
    x, y = examples()
    logits, kept = network.forward(x)
    value, d = LOSSES[loss](logits, y)
    ours, first = network.backward(kept, d)
    parameters = [torch.tensor(a, requires_grad=True) for a in network.arrays]
    h = picture = torch.tensor(x, requires_grad=True)
    layers = len(network.weights)
    for i in range(layers):
        h = h @ parameters[i] + parameters[layers + i]
        h = TORCH[activation](h) if i + 1 < layers else h
    expected = TORCH_LOSSES[loss](h, torch.tensor(y))
    *gradients, slope = torch.autograd.grad(expected, [*parameters, picture])
    return (value, ours, first @ network.weights[0].T), (expected.item(), gradients, slope)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("hidden", ["", "5", "6 5 3"])
def test_gradients_equal_torchs(activation, loss, hidden):
    (value, ours, slope), (expected, gradients, wanted) = both(activation, loss, hidden)
    assert np.isclose(value, expected)
    for a, b in zip(ours, gradients, strict=True):
        assert np.allclose(a, b.numpy(), atol=1e-9)
    assert np.allclose(slope, wanted.numpy(), atol=1e-9)


@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_a_step_is_adams(decay):
    network = Network(Config(7, "5", 4), seed=1)
    x, y = (a.astype(t) for a, t in zip(examples(), (np.float32, np.int64), strict=True))
    weights = [torch.tensor(a.copy(), requires_grad=True) for a in network.weights]
    biases = [torch.tensor(a.copy(), requires_grad=True) for a in network.biases]
    optimizer = torch.optim.AdamW(
        [{"params": weights, "weight_decay": decay}, {"params": biases, "weight_decay": 0}], lr=1e-2
    )
    for _ in range(5):
        h = torch.tensor(x) @ weights[0] + biases[0]
        loss = F.cross_entropy(torch.relu(h) @ weights[1] + biases[1], torch.tensor(y))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        assert np.isclose(network.learn(x, y, 1e-2, decay), loss.item(), rtol=1e-4)
    for a, b in zip(network.arrays, [*weights, *biases], strict=True):
        assert np.allclose(a, b.detach().numpy(), atol=1e-5)


def test_it_learns():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 10, 512)
    x = (0.7 * rng.random((512, 784)) + 0.3 * (np.arange(784) % 10 == y[:, None])).astype(np.float32)
    network = Network(Config(784, "32"), seed=0)
    for _ in range(20):
        losses = list(network.epoch(x, y, 64, lambda done: 5e-3, rng))
    assert np.mean(losses) < 0.3  # at first 2.3


def test_the_torch_face_has_the_same_numbers():
    model = Scratch(Config(784, "16"))
    network = Network(model.config, seed=5)
    x = torch.rand(3, 1, 28, 28)
    wanted = softmax(network.forward(x.flatten(1).numpy())[0])
    assert np.allclose(model.take(network).classify(x).numpy(), wanted)
    parameters = [torch.tensor(a) for a in network.arrays]
    x.requires_grad_()
    logits = (x.flatten(1) @ parameters[0] + parameters[2]).relu() @ parameters[1] + parameters[3]
    (wanted,) = torch.autograd.grad(logits.amax(1).sum(), x)
    assert torch.allclose(model.saliency(x.detach()), wanted[:, 0].abs(), atol=1e-6)


def test_probabilities_of_huge_logits():
    assert np.allclose(softmax(np.array([[1e4, 0.0]])), [[1, 0]])


@pytest.mark.parametrize("given", [{"activation": "sine"}, {"loss": "none"}])
def test_unknown_choices_are_named(given):
    with pytest.raises(ValueError, match="must be one of"):
        Network(Config(**given))
