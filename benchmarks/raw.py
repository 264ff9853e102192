"""The raw driver, where both databases are used alike: work on one row, pages, the summary."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from operator import itemgetter
from typing import Any

from benchmarks import sql
from benchmarks.contender import RAW, Answer, Contender
from benchmarks.data import JOB_CONTEXT, JOB_STATS, KEY, SCANNED, Item, Search
from benchmarks.databases import Database
from benchmarks.encoding import row_encoder, to_json
from storeroom_jobs.models import new_id

LEASE = 300.0

_key = itemgetter(*KEY)
_PATH = sql.WANTED.index("file_path")
_VERSION = sql.WANTED.index("version")
_SEARCHES = sql.STATS.index("searches")
_TOKEN = sql.JOB.index("lease_token")
_JOB_STATUS = sql.JOB.index("status")

# Inserted, updated, unchanged, by what the statement returned: no row, or its version.
Counts = tuple[int, int, int]


def counted(versions: Sequence[int | None]) -> Counts:
    """Count the outcomes by the versions that upserts returned; None is for no row."""
    unchanged, inserted = versions.count(None), versions.count(1)
    return inserted, len(versions) - inserted - unchanged, unchanged


class RawContender(Contender):
    """The driver, with statements written by hand; a row is a tuple as the driver gives it, but where rows are read.

    What reads many rows decodes their documents and times, as whoever uses them would have to.
    """

    name = RAW
    flavour: sql.Flavour

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.connection = database.connect()
        self._encode = row_encoder(SCANNED, is_sqlite=database.is_sqlite)
        flavour = self.flavour
        self._upsert_one, self._by_key = flavour.upsert_one, flavour.by_key
        self._search = {success: flavour.search(success=success) for success in (True, False)}
        self._create, self._claim = flavour.create_job, flavour.claim_job
        self._complete, self._read = flavour.complete_job, flavour.read_job
        self._first_page, self._next_page = flavour.first_page, flavour.next_page

    def close(self) -> None:
        self.connection.close()

    @abstractmethod
    def writing(self) -> AbstractContextManager[None]:
        """Run a block as a transaction that writes."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[None]:
        """Run a block as a transaction that reads."""

    @abstractmethod
    def decoded(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Decode the documents and times of rows of `wanted`."""

    @abstractmethod
    def streamed(self) -> Iterator[Any]:
        """Yield all rows of `wanted`, newest first, decoded."""

    def _row(self, text: str, *parameters: Any) -> Any:
        return self.connection.execute(text, parameters).fetchone()

    def _upsert(self, item: Item) -> int | None:
        row = self.connection.execute(self._upsert_one, self._encode(item)).fetchone()
        if row is not None:
            version: int = row[_VERSION]
            return version
        self.connection.execute(self._by_key, _key(item)).fetchone()
        return None

    def upsert_each(self, items: Sequence[Item]) -> Answer:
        versions = []
        for item in items:
            with self.writing():
                versions.append(self._upsert(item))
        return counted(versions)

    def upsert_together(self, items: Sequence[Item]) -> Answer:
        with self.writing():
            return counted([self._upsert(item) for item in items])

    def search_each(self, searches: Sequence[Search]) -> Answer:
        return self._searched(searches, self.writing)

    def search_together(self, searches: Sequence[Search]) -> Answer:
        with self.writing():
            return self._searched(searches, None)

    def _searched(
        self, searches: Sequence[Search], transaction: Callable[[], AbstractContextManager[None]] | None
    ) -> Answer:
        row = None
        for provider, success, milliseconds in searches:
            if transaction is None:
                row = self._row(self._search[success], provider, milliseconds, milliseconds)
            else:
                with transaction():
                    row = self._row(self._search[success], provider, milliseconds, milliseconds)
        return None if row is None else row[_SEARCHES]

    def work_jobs(self, paths: Sequence[str]) -> Answer:
        job = None
        for path in paths:
            with self.writing():
                created = self._row(self._create, new_id(), path, to_json(JOB_CONTEXT))
            with self.writing():
                claimed = self._row(self._claim, "bench", LEASE)
            with self.writing():
                self._row(self._complete, f"{path}.ass", to_json(JOB_STATS), claimed[0], claimed[_TOKEN])
            with self.reading():
                job = self._row(self._read, created[0])
        return None if job is None else job[_JOB_STATUS]

    def claim(self, worker: str) -> bool:
        with self.writing():
            return self._row(self._claim, worker, LEASE) is not None

    def place(self, position: int, size: int) -> Any:
        if not position:
            return None
        with self.reading():
            return self._row(f"{sql.PLACE}{position - 1}")

    def page(self, place: Any, size: int) -> Answer:
        text, parameters = (self._first_page, ()) if place is None else (self._next_page, place)
        with self.reading():
            rows = self.decoded(self.connection.execute(text, (*parameters, size)).fetchall())
        return [row[_PATH] for row in rows]

    def stream(self) -> Answer:
        number, path = 0, None
        with self.reading():
            for row in self.streamed():
                number, path = number + 1, row[_PATH]
        return number, path

    def summary(self) -> Answer:
        by: list[Counter[Any]] = [Counter() for _ in range(5)]
        with self.reading():
            for *values, items in self.connection.execute(sql.SUMMARY).fetchall():
                for counter, value in zip(by, values, strict=True):
                    counter[value] += items
        return by[0].total(), dict(by[0]), by[4][1]
