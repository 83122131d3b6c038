"""char-RNN: a recurrent network that writes character by character (doi:10.1207/s15516709cog1402_1; Karpathy 2015).

What was read is in one state, which each character changes; from it comes the distribution of the next character:

    h_t = cell(E[x_t] + G c, h_{t-1}),   p(x_{t+1} | x_1, ..., x_t) = softmax(W h_t + b),   loss = mean of -log p, nats per character

The cell is a plain recurrent one (h = tanh(U e + V h + b)), a GRU (arXiv 1406.1078) or an LSTM (doi:10.1162/neco.1997.9.8.1735). What it
writes for, c, may be given, such as a name's gender and origin: shares of the options of each condition, added to every character by one
matrix. Each is withheld at random in training, so that the network also writes without. A line begins and ends with a line's end.

Whose line it is follows by Bayes' rule, and can be trained for beside (`tell`; a hybrid of both, doi:10.1109/CVPR.2006.227):

    p(c | x) = p(c) p(x | c) / sum of p(c') p(x | c') over all c'
"""

from zoo.models.char_rnn.model import CharRNN, Config

__all__ = ["MAKES", "PAPER", "PICTURES", "TAKES", "TASK", "USE", "CharRNN", "Config", "Model"]

PAPER = "doi:10.1162/neco.1997.9.8.1735"
TASK, TAKES, MAKES = "generate", ("prompt",), "text"
USE = """print(model.write("\\na", 20, seed=3))  # 20 characters after a line that begins with a"""
PICTURES: dict[str, str] = {}
Model = CharRNN
