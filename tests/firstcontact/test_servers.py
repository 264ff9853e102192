"""A server that can't be reached, or doesn't let one in: what to correct is said, and no password."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL, make_url

from storeroom import Storeroom
from storeroom.errors import DatabaseUnavailable
from storeroom.testing import Server
from tests.firstcontact.conftest import ATTENTION, Command

PASSWORD = "s3cr3t"
ROLE = "storeroom_newcomer"

SLIPS: dict[str, tuple[Callable[[URL], URL], str]] = {
    "database": (lambda url: url.set(database="nowhere"), "create it with createdb, or correct the database's name"),
    "role": (lambda url: url.set(username="nobody_here"), "correct the user and password in the URL"),
    "port": (lambda url: url.set(host="127.0.0.1", port=1, query={}), "start the server, or correct the host and port"),
    "socket": (lambda url: url.set(query={"host": "/no/such"}), "start the server, or correct the host and port"),
    "host": (lambda url: url.set(host="host.invalid", query={}), "correct the host's name in the URL"),
    "option": (lambda url: url.update_query_dict({"optoin": "1"}), "correct what the URL says after its '?'"),
    "password": (lambda url: url.set(username=ROLE), "correct the user and password in the URL"),
}


@pytest.fixture
def careful(server: Server) -> Iterator[Server]:
    """The server, with a role that it asks for a password."""
    with psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True) as connection:
        (shown,) = connection.execute("SHOW hba_file").fetchone() or ("",)
        hba = Path(shown)
        before = hba.read_text()
        hba.write_text(f"local all {ROLE} scram-sha-256\nhost all {ROLE} all scram-sha-256\n{before}")
        connection.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD 'another'")
        connection.execute("SELECT pg_reload_conf()")
        yield server
        connection.execute(f"DROP ROLE {ROLE}")
        hba.write_text(before)
        connection.execute("SELECT pg_reload_conf()")


@pytest.mark.parametrize("slip", SLIPS)
def test_a_server_that_is_not_reached_is_answered_in_one_line(careful: Server, storeroom: Command, slip: str) -> None:
    change, says = SLIPS[slip]
    url = change(make_url(careful.url).set(password=PASSWORD)).render_as_string(hide_password=False)
    answer = storeroom("status", STOREROOM_URL=url)
    assert answer.code == ATTENTION
    assert answer.line.startswith("the database can't be opened: postgresql")
    assert says in answer.line
    assert PASSWORD not in answer.err
    with pytest.raises(DatabaseUnavailable) as caught:
        Storeroom.open(url)
    assert says in str(caught.value)


def test_a_role_that_may_not_create_tables_is_told_what_it_needs(server: Server, storeroom: Command) -> None:
    url = make_url(server.create_database())
    with psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {ROLE} LOGIN")
        try:
            database = url.set(username=ROLE).render_as_string(hide_password=False)
            with psycopg.connect(url.set(drivername="postgresql").render_as_string()) as owner:
                owner.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")  # as from PostgreSQL 15
            answer = storeroom("upgrade", "--url", database)
        finally:
            server.drop_database(url.render_as_string())
            connection.execute(f"DROP ROLE {ROLE}")
    assert answer.code == ATTENTION
    assert "permission denied for schema public" in answer.line
    assert answer.line.endswith("grant the database's role what it needs, such as CREATE on the schema")
