"""Retexture: a de-conditioned VAE that paints one butterfly's pattern into a drawn outline.

A conditional VAE (Sohn et al. 2015) paints a picture x from a latent z and a drawing c. Nothing in its bound
keeps z from carrying c as well, and then the conditioning is ignored. Here the encoder is also trained against an
adversary (arXiv 1505.07818, 1706.00409) that predicts the drawing from z:

    min over encoder and painter:  -log p(x | z, c) + beta KL(q(z|x) || N(0, I)) + lambda D(a(c | z), a(c | species))

where the adversary a is trained to predict c, and D is how far its prediction is from what the species alone predicts. The painter
is the decoder.
Departures: z is a map in wing coordinates (zoo/models/retexture/wings.py), so that shape is mostly gone before the encoder sees
the picture; what a warp of the picture does to z on average is erased after training (LEACE, arXiv 2306.03819); each
half of the butterfly is painted on its own; pictures are judged by L1 and a patch discriminator.
"""

from zoo.models.retexture.model import Block, Config, Retexture, distance, draw, filled

__all__ = [
    "Block", "Config", "Retexture", "distance", "draw", "filled",
    "MAKES", "PAPER", "PICTURES", "TAKES", "TASK", "USE", "Model",
]  # fmt: skip

PAPER = "arXiv:1706.00409"
TASK, TAKES, MAKES = "translate", ("latent", "strokes", "outline"), "picture"
USE = """from zoo.models.retexture import draw

z = draw(*model.encode(picture, silhouette))  # (1, 3, 256, 256) on white and (1, 1, 256, 256), in [0, 1]
painted = model.decode(z, strokes, outline)  # lines drawn and what they enclose, (1, 1, 256, 256) -> (1, 4, 256, 256)"""
PICTURES = {
    "samples": "Patterns of eight test specimens (first row, in their own outlines) in the outlines of eight others",
    "failures": "Test specimens painted from their own outlines and patterns: the twelve best, then the twelve worst",
}
Model = Retexture
