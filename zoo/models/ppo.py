"""PPO: an agent that learns from its own trajectories, in steps kept small by a clipped objective.

Proximal policy optimisation (Schulman et al., arXiv 1707.06347). With r the ratio of the new policy's probability of the
action taken to the old one's, and A the advantage by generalised estimation (arXiv 1506.02438):

    loss = -E[min(r A, clip(r, 1 - e, 1 + e) A)] + c E[(V - R)^2] / 2 - b E[entropy]

Two networks that share nothing, of two tanh layers each, orthogonally initialised, the policy's last layer near 0 (which
details matter: arXiv 2005.12729, 2006.05990). The squared error of V is not clipped, as the second advises.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

PAPER = "arXiv:1707.06347"
TASK, TAKES, MAKES = "act", ("state",), "action"
USE = """import torch

state = torch.tensor([[0.0, 0.1, 0.02, -0.1]])  # cart's place (m) and speed, pole's angle (rad) and its speed
action = model.act(state)  # 0 pushes to the left, 1 to the right"""
PICTURES = {
    "samples": "Probability of pushing right, white for 1, by the pole's angle (to the right) and its speed (upwards)"
}


@dataclass(frozen=True)
class Config:
    """Sizes of the two networks."""

    states: int = 4
    """numbers of a state"""
    actions: int = 2
    """actions to choose from"""
    width: int = 64
    """units of a hidden layer"""


def network(config: Config, outputs: int, gain: float) -> nn.Sequential:
    """Return two tanh layers and a linear one whose weights start small by `gain`."""
    layers = [
        nn.Linear(config.states, config.width), nn.Tanh(),
        nn.Linear(config.width, config.width), nn.Tanh(),
        nn.Linear(config.width, outputs),
    ]  # fmt: skip
    for layer, scale in zip(layers[::2], (2**0.5, 2**0.5, gain), strict=True):
        nn.init.orthogonal_(layer.get_parameter("weight"), scale)
        nn.init.zeros_(layer.get_parameter("bias"))
    return nn.Sequential(*layers)


class ActorCritic(nn.Module):
    """The policy, and the value of a state under it."""

    def __init__(self, config: Config = Config()):
        super().__init__()
        self.config = config
        self.actor = network(config, config.actions, 0.01)
        self.critic = network(config, 1, 1.0)

    def policy(self, state: Tensor) -> Tensor:
        """Map states (B, states) to logits of the actions (B, actions)."""
        return self.actor(state)

    def value(self, state: Tensor) -> Tensor:
        """Map states (B, states) to the discounted return expected from them: (B,)."""
        return self.critic(state)[..., 0]

    def act(self, state: Tensor, *, noise: Tensor | None = None) -> Tensor:
        """Choose actions: (B,) int64.

        Args:
            state: (B, states).
            noise: (B,) uniform in [0, 1), to draw from the policy with; the likeliest action unless given.
        """
        logits = self.actor(state)
        if noise is None:
            return logits.argmax(-1)
        return (noise[:, None] > logits.softmax(-1).cumsum(-1)[:, :-1]).sum(-1)

    def forward(
        self, state: Tensor, action: Tensor, logp: Tensor, advantage: Tensor, returns: Tensor,
        *, clip: float = 0.2, value_weight: float = 0.5, entropy_weight: float = 0.0,
    ) -> dict[str, Tensor]:  # fmt: skip
        """Return the loss on transitions of the old policy, and what it is made of.

        Args:
            state: (B, states).
            action: (B,) int64, taken by the old policy.
            logp: (B,) their log-probability under it, nats.
            advantage: (B,).
            returns: (B,) what the critic should say.
            clip: how far the ratio of probabilities may go from 1 and still pay.

        Returns:
            loss, policy_loss, value_loss, entropy (nats), kl (nats, estimated as r - 1 - log r), clip_fraction: scalars.
        """
        said = F.log_softmax(self.policy(state), -1)
        change = said.gather(-1, action[:, None])[:, 0] - logp
        ratio = change.exp()
        gain = torch.minimum(ratio * advantage, ratio.clamp(1 - clip, 1 + clip) * advantage)
        value_loss = 0.5 * F.mse_loss(self.value(state), returns)
        entropy = -(said.exp() * said).sum(-1).mean()
        loss = -gain.mean() + value_weight * value_loss - entropy_weight * entropy
        with torch.no_grad():
            kl = (ratio - 1 - change).mean()
            clipped = ((ratio - 1).abs() > clip).float().mean()
        return {
            "loss": loss, "policy_loss": -gain.mean(), "value_loss": value_loss,
            "entropy": entropy, "kl": kl, "clip_fraction": clipped,
        }  # fmt: skip


Model = ActorCritic
