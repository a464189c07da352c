"""One module per check, each with the kinds of its findings and its `CHECK`."""
