"""kill -9 at each statement of a downgrade or a purge leaves what was, or what is to be, and never anything between."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from tests.faults.victim import downgrade_until, purge_until
from tests.migrations.forks import KILLED, Forker
from tests.migrations.installations import execute, picture, upgrade
from tests.support.plugins import PluginMaker, Rev, create_table

pytestmark = pytest.mark.dear

LINK = 'sa.Column("alpha_id", sa.Integer(), sa.ForeignKey("alpha.id", ondelete="CASCADE"))'
BATCH = Rev(
    'with op.batch_alter_table("alpha") as batch:\n    batch.add_column(sa.Column("x", sa.Text()))',
    down="""
op.execute("INSERT INTO alpha (id) VALUES (100)")
with op.batch_alter_table("alpha") as batch:
    batch.drop_column("x")
""",
)
ALONE = Rev(
    'op.create_index("ix_alpha_x", "alpha", ["x"], if_not_exists=True, postgresql_concurrently=True)',
    down='op.drop_index("ix_alpha_x", "alpha", if_exists=True, postgresql_concurrently=True)',
    transactional=False,
)


def make(make_plugin: PluginMaker, *more: Rev) -> None:
    first = Rev(
        f"{create_table('alpha')}\n{create_table('alpha_child', LINK)}",
        down='op.drop_table("alpha_child")\nop.drop_table("alpha")',
    )
    index = Rev(
        'op.create_index("ix_alpha_child", "alpha_child", ["alpha_id"])',
        down='op.drop_index("ix_alpha_child", "alpha_child")',
    )
    make_plugin("alpha", tables=["alpha", "alpha_child"], revisions=[first, index, *more])


def fill(url: str) -> None:
    upgrade(url, "alpha")
    execute(url, "INSERT INTO alpha (id) VALUES (1), (2)", "INSERT INTO alpha_child VALUES (1, 1)")


def kill_at_each(
    url: str, forker: Forker, make_plugin: PluginMaker, work: Callable[..., Any], *words: str
) -> list[Any]:
    """What the database looked like after each kill, and at last after none."""
    seen = []
    for statement in count():
        (outcome,) = forker.at_once(make_plugin.site, work, [(url, *words, statement)])
        seen.append(picture(url))
        if outcome != KILLED:
            # Whoever was killed after the commit has done it all.
            assert isinstance(outcome, list) or (outcome.startswith("PluginAbsent") and seen[-1] == seen[-2]), outcome
            assert statement >= 8
            return seen
    raise AssertionError


@pytest.mark.parametrize("case", [(downgrade_until, "alpha", "alpha_0001"), (purge_until, "alpha")])
def test_each_statement(
    url: str,
    new_database: Callable[[], str],
    make_plugin: PluginMaker,
    forker: Forker,
    case: tuple[Any, ...],
) -> None:
    work, *words = case
    make(make_plugin, BATCH)
    undisturbed = new_database()
    for each in (url, undisturbed):
        fill(each)
    before = picture(url)
    forker.at_once(make_plugin.site, work, [(undisturbed, *words, 1000)])
    after = picture(undisturbed)
    assert before != after
    seen = kill_at_each(url, forker, make_plugin, work, *words)
    assert [each for each in seen if each not in (before, after)] == []
    assert seen[0] == before
    assert seen[-1] == after


def test_each_statement_with_a_step_outside_the_transaction(
    url: str, new_database: Callable[[], str], make_plugin: PluginMaker, forker: Forker
) -> None:
    """Killed within the step, it is run again; what came before it is taken back already."""
    make(make_plugin, BATCH, ALONE)
    undisturbed = new_database()
    for each in (url, undisturbed):
        fill(each)
    forker.at_once(make_plugin.site, downgrade_until, [(undisturbed, "alpha", "base", 1000)])
    after = picture(undisturbed)
    seen = kill_at_each(url, forker, make_plugin, downgrade_until, "alpha", "base")
    assert seen[-1] == after
    rows = [each["alpha"][1] for each in seen if "alpha" in each]
    assert all(len(each) in (2, 3) for each in rows)
