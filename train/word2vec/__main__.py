"""The command line of word2vec's training."""

from train.core.command import main
from train.word2vec import VARIANTS, train

main(VARIANTS, train)
