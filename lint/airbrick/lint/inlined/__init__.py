"""Jobs that are written into a DAG, and the DAG once a stack provisions them."""
