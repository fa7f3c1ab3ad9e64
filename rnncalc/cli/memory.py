"""What a lack of memory looks like: not every library says it with a MemoryError."""

import errno

_NUMPY = 112 * 2**20  # bytes of addresses that NumPy and its OpenBLAS take, and a little more
_SAID = (
    "failed to map segment",  # the linker's, of a library that does not fit: an ImportError
    "annot allocate memory",  # of the C library
    "returned NULL without setting",  # SystemErrors of C code that did not say why
    "return without exception set",
)


def load_numpy() -> None:
    """Import NumPy, and let OpenBLAS take its memory; it ends the process where it finds none.

    Raises:
        MemoryError: there is too little for both.
    """
    bytes(_NUMPY)  # asks for addresses alone, in a few microseconds
    import numpy as np

    np.ones((2, 1024)).dot(np.ones(1024))  # long enough for OpenBLAS to take its buffer


def lacks_memory(error: BaseException | None) -> bool:
    """Return whether an error, or what caused it, is a lack of memory."""
    if error is None:
        return False
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return True
    said = isinstance(error, ImportError | OSError | SystemError)
    if said and any(part in str(error) for part in _SAID):
        return True
    return lacks_memory(error.__cause__ or error.__context__)
