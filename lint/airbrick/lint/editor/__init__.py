"""The linter in editors, by the Language Server Protocol."""
