"""What holds for every test."""

import os

# Without compiled files each process that a test starts would compile the whole program again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
