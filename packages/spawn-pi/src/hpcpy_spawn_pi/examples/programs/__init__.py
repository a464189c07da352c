"""What the examples' new processes run."""
