"""Seeded generator of the data samples: the same seed gives the same content."""

#: Seed of every committed sample.
SEED = 9
