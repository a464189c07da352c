"""The ladder: every kernel checked against the reference, then timed in turn with the others."""
