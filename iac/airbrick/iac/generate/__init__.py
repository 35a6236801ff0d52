"""A Pulumi program for what exists: the jobs of a workspace."""
