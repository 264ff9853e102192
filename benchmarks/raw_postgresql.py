"""The raw driver of PostgreSQL: `psycopg`, with COPY for what is many."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import itemgetter
from typing import Any

from benchmarks import sql
from benchmarks.contender import Answer
from benchmarks.data import KEY, SCANNED, STORED, Item
from benchmarks.encoding import row_encoder
from benchmarks.raw import RawContender

AT_ONCE = 1000

_key = itemgetter(*KEY)
_COPY = f"COPY bench_stage ({', '.join(SCANNED)}) FROM STDIN"
_STAGE = f"CREATE TEMPORARY TABLE bench_stage ON COMMIT DROP AS SELECT {', '.join(SCANNED)} FROM wanted WITH NO DATA"
_WRITE = (
    f"{sql.ON_POSTGRESQL.insert} SELECT {', '.join(SCANNED)}, {sql.ON_POSTGRESQL.completed} FROM bench_stage "
    f"{sql.ON_POSTGRESQL.on_conflict} RETURNING {', '.join(KEY)}, version"
)


class RawPostgreSQL(RawContender):
    """`psycopg`: one connection, which begins by itself and prepares what is run often."""

    flavour = sql.ON_POSTGRESQL

    @contextmanager
    def writing(self) -> Iterator[None]:
        yield
        self.connection.commit()

    reading = writing

    def decoded(self, rows: Sequence[Any]) -> Sequence[Any]:
        return rows  # as psycopg gives them

    def streamed(self) -> Iterator[Any]:
        with self.connection.cursor("bench_stream") as cursor:
            cursor.execute(sql.ALL)
            while rows := cursor.fetchmany(AT_ONCE):
                yield from rows

    def upsert_many(self, items: Iterable[Item]) -> Answer:
        encode = self._encode
        keys = []
        with self.writing(), self.connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute(_STAGE)
            with cursor.copy(_COPY) as copy:
                for item in items:
                    keys.append(_key(item))
                    copy.write_row(encode(item))
            written = cursor.execute(_WRITE).fetchall()
        versions = {row[:3]: row[3] for row in written}
        outcomes = bytes(min(versions.get(key, 0), 2) for key in keys)
        return outcomes.count(1), outcomes.count(2), outcomes.count(0)

    def add_many(self, items: Iterable[Item]) -> Answer:
        encode = row_encoder(STORED, is_sqlite=False)
        with self.writing(), self.connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            with cursor.copy(f"COPY wanted ({','.join(STORED)}) FROM STDIN") as copy:
                for item in items:
                    copy.write_row(encode(item))
            return cursor.rowcount
