"""A data migration that is killed leaves whole batches, and the next upgrade goes on with what is left."""

from itertools import count

import pytest

from tests.faults.victim import upgrade_until
from tests.migrations.forks import KILLED, Forker
from tests.migrations.installations import execute, heads, query, upgrade
from tests.revising.counted import COUNT, SIZE, TABLE, add_revision, batches, counters, insert
from tests.revising.writer import writing
from tests.support.plugins import PluginMaker

pytestmark = pytest.mark.dear

IDS = range(0, 90, 2)


@pytest.mark.parametrize("transactional", [False, True])
def test_killed_at_each_statement_while_another_writes(
    url: str, make_plugin: PluginMaker, forker: Forker, transactional: bool
) -> None:
    make_plugin("alpha", revisions=[TABLE])
    upgrade(url, "alpha")
    execute(url, insert(IDS))
    add_revision(make_plugin, batches(COUNT, ">= 0", transactional=transactional))
    left_behind = set()
    with writing(url, IDS) as writer:
        for statement in count():
            (outcome,) = forker.at_once(make_plugin.site, upgrade_until, [(url, "alpha", statement)])
            if outcome != KILLED:
                break
            now = counters(url)
            done = now.count(1)
            assert now == [1] * done + [0] * (len(IDS) - done)
            assert done % SIZE == 0 or done == len(IDS)
            left_behind.add(done)
        writer.stop()
    # The last kill came after the last commit, or before it where the other made this one try a step again.
    assert outcome in ([], ["alpha_0002"])
    assert left_behind >= ({0, len(IDS)} if outcome == [] else {0})
    assert (len(left_behind) > 2) is not transactional
    assert heads(url) == {"alpha": "alpha_0002"}
    assert counters(url) == [1] * len(IDS)
    assert query(url, "SELECT DISTINCT counter, done FROM alpha") == [(1, True)]
    assert writer.written >= len(left_behind)
    assert query(url, "SELECT sum(touched), count(*) FROM alpha") == [(writer.written, len(IDS) + writer.written)]
