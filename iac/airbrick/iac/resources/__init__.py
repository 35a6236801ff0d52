"""One module for each resource: the class users write, and what the provider does for it."""
