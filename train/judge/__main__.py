"""The command line of judge's training."""

from train.core.command import main
from train.judge import VARIANTS, train

main(VARIANTS, train)
