"""Sub-commands of ``airbrick`` that belong to no single part."""
