"""The time zone of a server's sessions."""

from datetime import UTC, datetime

import psycopg
from sqlalchemy import bindparam, create_engine, make_url, select, text

from storeroom import Statement
from storeroom.sql import UTCDateTime
from storeroom.testing import Server
from tests.core.tables import open_room

ECHO = Statement(select(bindparam("at", type_=UTCDateTime())))


def test_sessions_are_in_utc_and_those_of_the_program_as_they_were(server: Server) -> None:
    """Whatever the server's time zone is; a time that is read in another is converted."""
    url = server.create_database()
    name, shown = make_url(url).database, Statement(text("SHOW TimeZone"))
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} SET TimeZone TO 'Europe/Berlin'")
    at = datetime(2026, 7, 1, 12, tzinfo=UTC)
    engine = create_engine(url)
    for options, zone in (({"url": url}, "UTC"), ({"engine": engine}, "Europe/Berlin")):
        with open_room(**options) as room, room.write() as uow:
            assert shown.scalar(uow) == zone
            for _ in range(4):  # by both ways
                read = ECHO.scalar(uow, at=at)
                assert (read, read.tzinfo) == (at, UTC)
    engine.dispose()
    server.drop_database(url)
