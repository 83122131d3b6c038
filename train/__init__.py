"""Training scripts, one a model family: `python -m train.<family> <variant>`."""
