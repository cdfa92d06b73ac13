"""Seeded generator of the data samples: the same seed gives the same content."""

#: Seeds of the committed samples: the software firm (also tiny), and the equipment maker.
SEED = 9
INDUSTRIAL_SEED = 11
