"""The command line of char-RNN's training."""

from train.char_rnn import VARIANTS, train
from train.core.command import main

main(VARIANTS, train)
