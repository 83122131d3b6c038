"""The command line of the readers' training."""

from train.core.command import main
from train.text_classifier import VARIANTS, train

main(VARIANTS, train)
