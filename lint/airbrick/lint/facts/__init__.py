"""What a DAG file says, as far as it can be known without running it."""
