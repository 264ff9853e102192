"""A program that goes on writing while a revision runs."""

import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, cycle
from pathlib import Path

from sqlalchemy import create_engine

from storeroom.engine import parse_url
from storeroom.testing import requires

_PATIENCE = 60


class Writer:
    """The process, which writes until it is told to stop; then `written` says how many rows it has touched."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.written = 0

    def stop(self) -> None:
        output, _ = self._process.communicate(timeout=_PATIENCE)
        assert self._process.returncode == 0
        self.written = int(output)


@contextmanager
def writing(url: str, ids: range) -> Iterator[Writer]:
    """Touch rows with these ids, one in each transaction, and add rows as the revision would leave them."""
    process = subprocess.Popen(
        [sys.executable, "-c", "from tests.revising.writer import write; write()", url, str(ids.stop), str(ids.step)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        yield Writer(process)
    finally:
        process.kill()
        process.communicate()


def write() -> None:
    url, stop, step = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    options = {"timeout": _PATIENCE} if requires.database_file.met_by(url) else {}
    engine = create_engine(parse_url(url), connect_args=options)
    ids = cycle(range(0, stop, step))
    for written in count():
        with engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE alpha SET touched = touched + 1 WHERE id = {next(ids)}")
        with engine.begin() as connection:
            added = stop + 2 * written + 1
            connection.exec_driver_sql(f"INSERT INTO alpha (id, counter, done) VALUES ({added}, 1, true)")
        if written == 0:
            print("writing", flush=True)
        if select.select([sys.stdin], [], [], 0.001)[0]:
            print(written + 1, flush=True)
            return
