"""advanced-alchemy, as its documentation has it: a repository over the models, match fields, commit."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from advanced_alchemy.filters import LimitOffset
from advanced_alchemy.repository import SQLAlchemySyncRepository
from sqlalchemy.orm import Session

from benchmarks.contender import Answer, Contender, NotOfferedError
from benchmarks.data import KEY, Item
from benchmarks.databases import Database
from benchmarks.models import Wanted
from benchmarks.orm import make_engine

_KEY = list(KEY)


class WantedItems(SQLAlchemySyncRepository[Wanted]):
    """Its repository of wanted items."""

    model_type = Wanted


# It looks all up by one condition, which PostgreSQL's stack is too small for where there are ten thousand.
AT_ONCE = 1_000


class AlchemyContender(Contender):
    """advanced-alchemy, with its own choice of how it upserts."""

    name = "advanced-alchemy"
    no_merge = False

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.engine = make_engine(database)
        self.reader = self.engine.execution_options(reads=True)

    def close(self) -> None:
        self.engine.dispose()

    def _session(self, *, reads: bool = False) -> Session:
        return Session(self.reader if reads else self.engine, expire_on_commit=False)

    def upsert_many(self, items: Iterable[Item]) -> Answer:
        rest = iter(items)
        with self._session() as session:
            repository = WantedItems(session=session)
            while data := [Wanted(**item, status="wanted") for item in islice(rest, AT_ONCE)]:
                repository.upsert_many(data, match_fields=_KEY, no_merge=self.no_merge)
            session.commit()

    def add_many(self, items: Iterable[Item]) -> Answer:
        with self._session() as session:
            number = len(WantedItems(session=session).add_many([Wanted(**item) for item in items]))
            session.commit()
        return number

    def stream(self) -> Answer:
        raise NotOfferedError("it has no stream: its lists hold all rows")

    def upsert_each(self, items: Sequence[Item]) -> Answer:
        for item in items:
            with self._session() as session:
                WantedItems(session=session).upsert(Wanted(**item, status="wanted"), match_fields=_KEY)
                session.commit()

    def upsert_together(self, items: Sequence[Item]) -> Answer:
        with self._session() as session:
            repository = WantedItems(session=session)
            for item in items:
                repository.upsert(Wanted(**item, status="wanted"), match_fields=_KEY)
            session.commit()

    def place(self, position: int, size: int) -> Any:
        return LimitOffset(limit=size, offset=position)

    def page(self, place: Any, size: int) -> Answer:
        with self._session(reads=True) as session:
            newest_first = [("added_at", True), ("id", True)]
            rows = WantedItems(session=session).get_many(place, order_by=newest_first)
            return [row.file_path for row in rows]


class FallbackContender(AlchemyContender):
    """The other of its two ways to upsert many: it selects, then changes or adds."""

    name = "advanced-alchemy, no_merge"
    only = ("upsert_many",)
    no_merge = True
