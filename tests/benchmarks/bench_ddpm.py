"""Diffusion sampling against a diffusers pipeline with a U-Net of the same size and as many steps.

    pip install diffusers
    python tests/benchmarks/bench_ddpm.py

Both draw 28x28 digits of a label with 20 steps of DDIM, one evaluation of the network a step, in float32 on the same threads,
alternating in one run; pictures a second and their ratio, in batches of 1 and 16. The peer is `UNet2DModel` as its DDPM example
has it (two layers a block, attention at the lowest size), with channels that give it as many parameters, untrained: speed asks
for no weights. Ours works at half resolution on 2x2 pixel blocks; that is where the gain is from.
"""

import statistics
import time

import torch
from diffusers import DDIMPipeline, DDIMScheduler, UNet2DModel

import zoo

STEPS, ROUNDS, NAME = 20, 5, "ddpm.mnist"


class Labelled(UNet2DModel):
    """The peer's U-Net, told the label 3, as a pipeline of its own cannot."""

    def forward(self, sample: torch.Tensor, timestep: torch.Tensor, **options) -> object:
        """Predict the noise in pictures (B, 1, 28, 28)."""
        return super().forward(sample, timestep, class_labels=torch.full((len(sample),), 3), **options)


def peer() -> DDIMPipeline:
    """Return the peer's pipeline, without its progress bar."""
    unet = Labelled(
        sample_size=28, in_channels=1, out_channels=1, layers_per_block=2, block_out_channels=(32, 64, 96),
        down_block_types=("DownBlock2D", "DownBlock2D", "AttnDownBlock2D"),
        up_block_types=("AttnUpBlock2D", "UpBlock2D", "UpBlock2D"), norm_num_groups=8, num_class_embeds=10,
    ).eval()  # fmt: skip
    pipeline = DDIMPipeline(unet, DDIMScheduler(num_train_timesteps=1000, beta_schedule="squaredcos_cap_v2"))
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


@torch.inference_mode()
def main() -> None:
    """Measure, and print a table."""
    model, pipeline = zoo.load(NAME), peer()
    sizes = [sum(p.numel() for p in network.parameters()) for network in (model, pipeline.unet)]
    print(f"parameters: ours {sizes[0]:,}, diffusers {sizes[1]:,}; {torch.get_num_threads()} threads")
    for batch in (1, 16):
        ways = {
            "ours": lambda n=batch: model.sample(n, seed=0, label=3, steps=STEPS, sampler="ddim", guidance=1.0),
            "diffusers": lambda n=batch: pipeline(batch_size=n, num_inference_steps=STEPS, output_type="np"),
        }
        speed = {way: [] for way in ways}
        for i in range(ROUNDS + 1):
            for way, draw in ways.items():
                began = time.perf_counter()
                draw()
                if i:  # the first round warms up
                    speed[way].append(batch / (time.perf_counter() - began))
        ours, theirs = (statistics.median(speed[way]) for way in ways)
        print(f"batch {batch:2}: ours {ours:6.2f} pictures/s, diffusers {theirs:6.2f}, ratio {ours / theirs:.2f}")


if __name__ == "__main__":
    main()
