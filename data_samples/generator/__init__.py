"""Seeded generator of the data samples: the same seed gives the same content."""

#: Seeds of the committed samples: the software firm (also the tiny one), the equipment maker.
SEED = 3
INDUSTRIAL_SEED = 1
