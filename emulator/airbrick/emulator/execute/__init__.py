"""Really executes notebooks and Python files, in processes of their own."""
