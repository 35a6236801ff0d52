"""What is checked while a DAG is parsed: its contract, its job, its parameters. No network."""
