"""The linter's commands."""
