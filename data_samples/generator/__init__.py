"""Seeded generator of the data samples: the same seed gives the same content."""

#: Seed of the committed samples.
SEED = 11
