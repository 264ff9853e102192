"""`python -m tests.cost` shows what Python does for frequent work beside what is recorded; --write records it."""

import sys
import tempfile
from pathlib import Path

from storeroom.testing import Databases
from storeroom.testing.lanes import SQLITE, Lanes
from tests.cost import figures


def main() -> None:
    """Measure on SQLite and on the newest PostgreSQL at hand."""
    lanes = Lanes.at_hand()
    with tempfile.TemporaryDirectory() as folder, Databases(lanes, Path(folder)) as databases:
        found = {
            lane.partition("-")[0]: figures.measured(databases.create(lane)) for lane in (SQLITE, *lanes.servers[-1:])
        }
    known = figures.recorded() if figures.FILE.exists() else {}
    for database, measured in found.items():
        print(f"{database}:")
        for name, figure in measured.items():
            before = known.get(database, {}).get(name)
            change = "" if before is None else f"  {figure / before - 1:+.1%}"
            print(f"  {name:50}{figure:12,}{change}")
    if "--write" in sys.argv:
        figures.write(found)


main()
