"""Speech: addresses written in pieces of words, by an LSTM or a transformer, for a speaker and a decade (arXiv 1508.07909).

Byte-pair encoding begins with bytes, and makes one piece of the two that stand together most often, again and again: frequent words are one
piece, rare ones several, and any character can be written. A text's surprisal is that of its pieces, whatever they are:

    -log p(text) = -sum over its pieces t of log p(x_t | x_1, ..., x_{t-1}, c)

The networks are char-RNN's (an LSTM) and char-GPT's, over pieces instead of characters. c is what is written for, added to every piece by one
matrix: shares of the options of each condition, each withheld at random in training, so that both also write without.
"""

from zoo.models.speech.model import Config, Speech

__all__ = ["MAKES", "PAPER", "PICTURES", "TAKES", "TASK", "USE", "Config", "Model", "Speech"]

PAPER = "arXiv:1508.07909"
TASK, TAKES, MAKES = "generate", ("prompt",), "text"
USE = """given = model.given(speaker="Abraham Lincoln")
print(model.write("Fellow-citizens", 200, seed=3, given=given))  # 200 pieces more"""
PICTURES: dict[str, str] = {}
Model = Speech
