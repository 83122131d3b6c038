"""The command line of the addresses' training."""

from train.core.command import main
from train.speech import VARIANTS, train

main(VARIANTS, train)
