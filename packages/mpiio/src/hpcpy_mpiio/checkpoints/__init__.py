"""Checkpoints: generations of a run's state, of which the newest valid one is restored."""
