"""The command line of ppo's training."""

from train.core.command import main
from train.ppo import VARIANTS, train

main(VARIANTS, train)
