"""The command line of the bodies' training."""

from train.body import VARIANTS, train
from train.core.command import main

main(VARIANTS, train)
