"""The command line of the classical models' training."""

from train.classical_text import VARIANTS, train
from train.core.command import main

main(VARIANTS, train)
