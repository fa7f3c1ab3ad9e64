"""A plugin of pytest: of the tests that are known, run those of a list, in its order.

RNNCALC_PICKED names a file with two lists of ids: those to run, and those to leave out.
"""

import json
import os
from pathlib import Path
from typing import Any


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Leave out and sort tests."""
    picked, others = json.loads(Path(os.environ["RNNCALC_PICKED"]).read_text())
    order, left_out = {id_: n for n, id_ in enumerate(picked)}, {*others}
    some = [item for item in items if item.nodeid not in left_out]
    items[:] = sorted(some, key=lambda item: order.get(item.nodeid, len(order)))
