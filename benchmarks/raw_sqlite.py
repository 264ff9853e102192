"""The raw driver of SQLite: `sqlite3`, with lists of values for what is many."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from operator import itemgetter
from typing import Any

from benchmarks import sql
from benchmarks.contender import Answer
from benchmarks.data import KEY, SCANNED, STORED, Item
from benchmarks.encoding import row_decoder, row_encoder
from benchmarks.raw import RawContender

LONGEST_LIST = 500
AT_ONCE = 1000

_key_of_row = itemgetter(*(SCANNED.index(name) for name in KEY))
_VALUES = f"({','.join('?' * len(SCANNED))}, {sql.ON_SQLITE.completed})"
_RETURNING = f"{sql.ON_SQLITE.on_conflict} RETURNING {', '.join(KEY)}, version"


def _upsert_text(number: int) -> str:
    return f"{sql.ON_SQLITE.insert} VALUES {','.join([_VALUES] * number)} {_RETURNING}"


class RawSQLite(RawContender):
    """`sqlite3`: one connection, transactions begun by hand."""

    flavour = sql.ON_SQLITE

    @contextmanager
    def writing(self) -> Iterator[None]:
        self.connection.execute("BEGIN IMMEDIATE")
        yield
        self.connection.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[None]:
        self.connection.execute("BEGIN")
        yield
        self.connection.execute("COMMIT")

    def decoded(self, rows: Sequence[Any]) -> Sequence[Any]:
        return list(map(row_decoder(sql.WANTED), rows))

    def streamed(self) -> Iterator[Any]:
        decode = row_decoder(sql.WANTED)
        cursor = self.connection.execute(sql.ALL)
        while rows := cursor.fetchmany(AT_ONCE):
            yield from map(decode, rows)

    def upsert_many(self, items: Iterable[Item]) -> Answer:
        encode = self._encode
        rest = iter(items)
        inserted = updated = unchanged = 0
        outcomes = bytearray()
        full = _upsert_text(LONGEST_LIST)
        with self.writing():
            while rows := [encode(item) for item in islice(rest, LONGEST_LIST)]:
                text = full if len(rows) == LONGEST_LIST else _upsert_text(len(rows))
                written = self.connection.execute(text, list(chain.from_iterable(rows))).fetchall()
                versions = {row[:3]: row[3] for row in written}
                outcomes += bytes(min(versions.get(_key_of_row(row), 0), 2) for row in rows)
        inserted, updated, unchanged = outcomes.count(1), outcomes.count(2), outcomes.count(0)
        return inserted, updated, unchanged

    def add_many(self, items: Iterable[Item]) -> Answer:
        insert = f"INSERT INTO wanted ({','.join(STORED)}) VALUES ({','.join('?' * len(STORED))})"
        with self.writing():
            return self.connection.executemany(insert, map(row_encoder(STORED, is_sqlite=True), items)).rowcount
