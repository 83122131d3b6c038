"""The demos, one a package: see `playground.topics`."""
