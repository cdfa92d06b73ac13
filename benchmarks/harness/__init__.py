"""One process for every measured solve, an independent check of its plan, one table of results."""
