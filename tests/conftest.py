"""What holds for every test."""

import os

from hypothesis import settings

# The same examples each time: a red test is about the code, not about the day's luck.
# Others: pytest --hypothesis-profile=default
settings.register_profile("same", derandomize=True)
settings.load_profile("same")

# Without compiled files each process that a test starts would compile the whole program again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
