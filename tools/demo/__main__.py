"""Entry point: ``python tools/demo``."""

import sys
from pathlib import Path

# Run as a folder, Python puts only this folder on the path; the modules import each other from the repository's root.
sys.path[0] = str(Path(__file__).resolve().parents[2])

from tools.demo.cli import main  # noqa: E402 - the path must be set first

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
