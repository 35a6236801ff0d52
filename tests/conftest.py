"""How many examples the property tests try.

``make test`` tries the same examples at every run; ``make matrix`` draws new ones, and many more of them.
"""

import os

from hypothesis import settings

settings.register_profile("slice", derandomize=True, deadline=None)
settings.register_profile("matrix", max_examples=3000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("AIRBRICK_HYPOTHESIS", "slice"))
