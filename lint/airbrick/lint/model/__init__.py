"""The DAGs, task groups and operators of a file, with what is known about their arguments."""
