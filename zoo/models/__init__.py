"""The models, one family a module: `Config`, the network, and `Model`, which names it. They import `zoo.nn` and the data's facts alone."""
