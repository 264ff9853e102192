"""kill -9 at each statement of an upgrade leaves the old schema or the new one, and never anything between."""

from collections.abc import Callable
from itertools import count

import pytest

from tests.faults.victim import upgrade_until
from tests.migrations.forks import KILLED, Forker
from tests.migrations.installations import execute, picture, upgrade
from tests.support.plugins import PluginMaker, Rev, create_table

pytestmark = pytest.mark.dear

PLUGINS = ("alpha", "beta", "gamma", "delta", "epsilon")
LINK = 'sa.Column("{0}_id", sa.Integer(), sa.ForeignKey("{0}.id", ondelete="CASCADE"))'


def make_old_plugins(make: PluginMaker) -> None:
    make("alpha", revisions=[create_table("alpha")])
    make("beta", requires=["alpha"], revisions=[create_table("beta", LINK.format("alpha"))])


def make_new_plugins(make: PluginMaker) -> None:
    """Two that change tables with rows in them, one of them by batch mode, and three that are new."""
    batch = """
with op.batch_alter_table("alpha") as batch:
    batch.add_column(sa.Column("x", sa.Text()))
    batch.create_check_constraint("ck", "x <> 'old'")
"""
    make("alpha", revisions=[create_table("alpha"), f"{batch}\nop.execute(\"UPDATE alpha SET x = 'new'\")"])
    index = 'op.create_index("ix_beta", "beta", ["alpha_id"])'
    make("beta", requires=["alpha"], revisions=[create_table("beta", LINK.format("alpha")), index])
    make("gamma", requires=["alpha"], revisions=[Rev(create_table("gamma"), requires=["alpha:alpha_0002"])])
    make("delta")
    make("epsilon")


def test_each_statement(url: str, new_database: Callable[[], str], make_plugin: PluginMaker, forker: Forker) -> None:
    old = make_plugin.site / "old"
    old.mkdir()
    make_old_plugins(PluginMaker(old))
    make_new_plugins(make_plugin)
    undisturbed = new_database()
    for each in (url, undisturbed):
        assert forker.at_once(old, upgrade, [(each, *PLUGINS)]) == [["alpha_0001", "beta_0001"]]
        execute(each, "INSERT INTO alpha VALUES (1)", "INSERT INTO beta VALUES (2, 1)")
    before = picture(url)
    upgrade(undisturbed, *PLUGINS)
    after = picture(undisturbed)
    assert before != after

    for statement in count():
        (outcome,) = forker.at_once(make_plugin.site, upgrade_until, [(url, *PLUGINS, statement)])
        now = picture(url)
        if outcome != KILLED:
            break
        assert now in (before, after), f"killed at statement {statement}"
    assert outcome == []
    assert now == after
    assert statement >= 15
