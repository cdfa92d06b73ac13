"""The sections of plan.yaml, one module each."""
