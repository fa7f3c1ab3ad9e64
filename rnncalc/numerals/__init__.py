"""Numbers as they are written: text -> float, rounding, printed values."""
