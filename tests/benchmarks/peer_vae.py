"""The same VAE trained for as many epochs by a peer: pythae's trainer with its own Adam and settings.

    pip install pythae
    python tests/benchmarks/peer_vae.py mnist-cnn --write

pythae's VAE takes our encoder and decoder, sums the Bernoulli cross-entropy over pixels as we do, and its
BaseTrainer runs float32 batches of 128 at a learning rate of 1e-3 for the epochs of our card. Measured by the
same `bound` on the test digits; `--write` puts the figure into the checkpoint's study.json. pythae 0.1.2 was
written for older libraries: what it needs here is installed beside it with `--no-deps`.
"""

import argparse
import tempfile
import time

import torch
from pythae.data.datasets import BaseDataset
from pythae.models import VAE as PeerVAE
from pythae.models import VAEConfig
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder
from pythae.trainers import BaseTrainer, BaseTrainerConfig

import zoo
from train import vae
from train.core import sample
from zoo.data import mnist
from zoo.models.vae import VAE


class Encoder(BaseEncoder):
    """Our encoder under pythae's interface."""

    def __init__(self, ours: VAE):
        super().__init__()
        self.network, self.latent_dim = ours.encoder, ours.config.latent

    def forward(self, x: torch.Tensor) -> ModelOutput:
        mean, logvar = self.network(x).chunk(2, -1)
        return ModelOutput(embedding=mean, log_covariance=logvar)


class Decoder(BaseDecoder):
    """Our decoder under pythae's interface."""

    def __init__(self, ours: VAE):
        super().__init__()
        self.network = ours.decoder

    def forward(self, z: torch.Tensor) -> ModelOutput:
        return ModelOutput(reconstruction=self.network(z).sigmoid())


def main() -> None:
    """Train, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("variant", choices=list(vae.VARIANTS))
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    card = zoo.card(f"vae.{arguments.variant}")
    epochs = int(card.training["settings"]["epochs"])
    torch.manual_seed(0)
    ours = VAE(vae.VARIANTS[arguments.variant].model)
    config = VAEConfig(input_dim=(1, 28, 28), latent_dim=ours.config.latent, reconstruction_loss="bce")
    peer = PeerVAE(config, encoder=Encoder(ours), decoder=Decoder(ours))
    images, _ = mnist.load("train")
    x = torch.tensor(images)[:, None].float() / 255
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        settings = BaseTrainerConfig(
            output_dir=folder, learning_rate=1e-3, per_device_train_batch_size=128, num_epochs=epochs,
            train_dataloader_num_workers=0, no_cuda=True,
        )  # fmt: skip
        BaseTrainer(model=peer, train_dataset=BaseDataset(x, torch.zeros(len(x))), training_config=settings).train()
    seconds = time.monotonic() - began
    ours.eval()
    recon, kl = vae.bound(ours, sample.real("test", mnist)[0], draws=8)
    found = {"library": "pythae", "epochs": epochs, "test_loss": round(recon + kl, 3), "seconds": round(seconds, 1)}
    print(found, "ours", card.metric("test_loss"))
    if arguments.write:
        vae.keep(card.folder, peer=found)


if __name__ == "__main__":
    main()
