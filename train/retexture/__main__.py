"""The command line of retexture's training."""

from train.core.command import main
from train.retexture import VARIANTS, train

main(VARIANTS, train)
