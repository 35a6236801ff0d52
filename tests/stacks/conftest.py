import sys
from pathlib import Path

# The tests share helpers with the end-to-end test.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
