import sys
from pathlib import Path

# The tools and the example's tests are of the repository, not part of the distribution.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
