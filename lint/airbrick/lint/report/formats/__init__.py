"""Output formats: each module ``format_<name>`` has a function ``write``."""
