"""Many processes at once: those that upgrade, those that go on writing, those that take away the same plugin."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.lifecycle.crowd import AFTER, OPENERS, WRITERS, downgrade_once, join_in, purge_once
from tests.lifecycle.lives import downgrade, purge
from tests.migrations.forks import Forker
from tests.migrations.installations import connected, heads, query, tables, upgrade
from tests.support.plugins import PluginMaker, Rev, create_table, table

FIRST = create_table("alpha", 'sa.Column("note", sa.Text())')
SECOND = """
with op.batch_alter_table("alpha") as batch:
    batch.add_column(sa.Column("rank", sa.Integer(), server_default="3", nullable=False))
op.execute("UPDATE alpha SET rank = 1")
op.create_index("ix_alpha_rank", "alpha", ["rank"])
"""


@pytest.mark.dear
def test_eight_processes_open_with_upgrade_while_four_write(
    url: str, make_plugin: PluginMaker, forker: Forker, tmp_path: Path
) -> None:
    """None fails, one of them upgrades, and each row is there, with the value that its time gives it."""
    marks = tmp_path / "marks"
    marks.mkdir()
    make_plugin("alpha", revisions=[FIRST])
    upgrade(url, "alpha")
    new = tmp_path / "new"
    new.mkdir()
    PluginMaker(new)("alpha", revisions=[FIRST, SECOND])
    writers: list[list[object]] = [
        ["write_on", url, str(make_plugin.site), str(marks), str(number)] for number in range(WRITERS)
    ]
    openers: list[list[object]] = [
        ["open_with_upgrade", url, str(new), str(marks), str(number)] for number in range(OPENERS)
    ]
    outcomes = forker.at_once(tmp_path, join_in, [*writers, *openers])
    written, opened = outcomes[:WRITERS], outcomes[WRITERS:]
    assert opened == ["current"] * OPENERS
    assert all(isinstance(each, int) and each > AFTER for each in written), written
    by_rank = dict(query(url, "SELECT rank, count(*) FROM alpha GROUP BY rank"))
    assert by_rank.keys() == {1, 3}
    assert sum(by_rank.values()) == sum(written)
    assert heads(url) == {"alpha": "alpha_0002"}


@pytest.mark.parametrize("work", [purge_once, downgrade_once])
def test_one_of_four_takes_it_away(
    url: str, make_plugin: PluginMaker, forker: Forker, work: Callable[..., list[str]]
) -> None:
    make_plugin("alpha", revisions=[table("alpha")])
    make_plugin("beta")
    upgrade(url, "alpha", "beta")
    outcomes = forker.at_once(make_plugin.site, work, [(url, "alpha")] * 4)
    assert sorted(outcomes) == [[], [], [], outcomes[0] or sorted(outcomes)[-1]]
    assert tables(url) == {"beta"}
    assert heads(url) == {"beta": "beta_0001"}


KILL_ONCE = """
import pathlib, psycopg
op.drop_table("alpha")
if not pathlib.Path({flag!r}).exists():
    pathlib.Path({flag!r}).touch()
    pid = op.get_bind().connection.driver_connection.info.backend_pid
    with psycopg.connect({conninfo!r}, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
"""


@pytest.mark.parametrize("transactional", [True, False])
def test_a_downgrade_whose_connection_is_killed_begins_anew(
    server_url: str, make_plugin: PluginMaker, tmp_path: Path, transactional: bool
) -> None:
    """The connection holds the lock: what was done on it without a commit is undone, and done again under a new one."""
    kill = KILL_ONCE.format(flag=str(tmp_path / "flag"), conninfo=server_url.replace("+psycopg", ""))
    body = kill if transactional else kill.replace('op.drop_table("alpha")', 'op.execute("SELECT 1")')
    last = Rev("pass", down=body, transactional=transactional)
    revisions = [Rev(create_table("alpha"), down=kill)] if transactional else [table("alpha"), last]
    make_plugin("alpha", revisions=revisions)
    upgrade(server_url, "alpha")
    assert downgrade(server_url, "alpha", "base") == [f"alpha_{number:04}" for number in range(len(revisions), 0, -1)]
    assert (tmp_path / "flag").exists()
    assert tables(server_url) == set()


def test_a_purge_whose_connection_is_killed_begins_anew(server_url: str, make_plugin: PluginMaker) -> None:
    """A reader holds it up; its connection is killed as it waits, and the reader leaves."""
    make_plugin("alpha")
    upgrade(server_url, "alpha")
    with connected(server_url) as reader:
        reader.exec_driver_sql("BEGIN")
        reader.exec_driver_sql("SELECT * FROM alpha")
        thread = threading.Thread(target=kill_who_waits, args=(server_url, reader))
        thread.start()
        assert purge(server_url, "alpha") == ["alpha"]
        thread.join()
    assert tables(server_url) == set()
    assert heads(server_url) == {}


def kill_who_waits(url: str, reader: Any) -> None:
    waiting = "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE NOT granted"
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as other:
        while not other.execute(waiting).fetchall():
            os.sched_yield()
    reader.exec_driver_sql("COMMIT")
