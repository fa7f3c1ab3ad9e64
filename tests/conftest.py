"""What holds for every test."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

# The same examples each time: a red test is about the code, not about the day's luck.
# Others: pytest --hypothesis-profile=default
settings.register_profile("same", derandomize=True)
settings.load_profile("same")

# Without compiled files each process that a test starts would compile the whole program again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.fixture
def keras() -> Iterator[Any]:
    """Keras, as it was before the test: on PyTorch, or on JAX where there is none."""
    pytest.importorskip("h5py")
    if "KERAS_BACKEND" not in os.environ:
        os.environ["KERAS_BACKEND"] = "torch" if _is_there("torch") else "jax"
    keras = pytest.importorskip("keras", exc_type=ImportError)
    before = keras.config.floatx(), keras.config.dtype_policy()
    keras.utils.set_random_seed(7)
    yield keras
    keras.config.set_floatx(before[0])
    keras.config.set_dtype_policy(before[1])


def _is_there(name: str) -> bool:
    try:
        __import__(name)
    except ImportError:
        return False
    return True
