"""The runner of a planning cycle: what is due, in processes, resumable, published whole."""
