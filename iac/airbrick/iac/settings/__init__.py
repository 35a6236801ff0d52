"""Job settings as values: what equal means, what drift is, what changed. Pure functions and data."""
