"""What the families' training shares: the run and its folder, the loops, what is measured."""
