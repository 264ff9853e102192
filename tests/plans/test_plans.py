"""With 200,000 rows in each large table, each query finds its rows by an index, and reads little more than it returns.

That is so on SQLite with and without statistics, and on PostgreSQL for a statement that is new and for one that is
prepared; whichever of two fitting indexes it takes. No clock is asked: work is counted in instructions of SQLite's
virtual machine, and in PostgreSQL's buffers. When a test fails, look at the plan that it shows for what is read beside
the rows that are returned, and add an index in a new revision of the plugin; or accept it in the plugin's list here,
with the reason.
"""

import re
from collections.abc import Sequence
from itertools import product

import pytest

from storeroom import ModelRepository
from storeroom.testing import counted, requires
from storeroom_wanted import Wanted, WantedRepository
from tests.plans.asking import FEW, MANY, Asked
from tests.plans.filling import DOMAINS, FilledRooms
from tests.plans.questions import manifest, own_verbs, questions
from tests.support.dialects import spelled
from tests.support.plans import Cost, cost, costs, settled, shown

# To read the table takes many times as much.
MOST = {"sqlite": 25_000, "postgresql": 500}
# What a hot statement takes more than in a table of 1,000 rows: an index of PostgreSQL has a level or two more.
MORE = {"sqlite": (1.2, 20), "postgresql": (3, 40)}
BY_KEY = ("pk_", "sqlite_autoindex_", "INTEGER PRIMARY KEY", " USING PRIMARY KEY", "uq_")

# Of a bound that it doesn't know, PostgreSQL takes a third of the rows to be beyond it, and reads until it finds one.
GUESSED = {"jobs.exists of since", "providers.downloads.exists of since", "hooks.log.exists of since"}

ASKED = [(plugin, what) for plugin in DOMAINS for what in questions(plugin)]


@pytest.mark.dear
@pytest.mark.parametrize(("plugin", "what"), ASKED, ids=[f"{plugin}: {what}" for plugin, what in ASKED])
def test_a_query_uses_an_index(filled: FilledRooms, lane: str, plugin: str, what: str) -> None:
    domain, asked = DOMAINS[plugin], questions(plugin)[what]
    models = manifest(plugin).models
    assert models is not None
    plans_ahead = requires.planner_statistics.met_by(lane) and what not in GUESSED
    measures = [cost, settled] if plans_ahead else [cost]
    worst = 0
    most, more = spelled(lane, **MOST), spelled(lane, **MORE)
    for room, measure in product(filled.get(lane, plugin), measures):
        with room.write() as uow:
            found = costs(uow, models.metadata, lambda: asked.ask(uow), measure)
        check_indexes(asked, found)
        if asked.hot:
            with filled.get(lane, plugin, FEW)[0].write() as uow:
                check_growth(costs(uow, models.metadata, lambda: asked.ask(uow), measure), found, *more)
        worst = max(worst, *(each.work for each in found))
        assert worst <= most or what in domain.accepted, shown(found)
    # On PostgreSQL, an index that is read as a whole may be few buffers.
    is_dear = worst > most or requires.planner_statistics.met_by(lane)
    assert is_dear or what not in domain.accepted, f"{what} isn't dear any more; take it off the accepted ones"


def check_indexes(asked: Asked, found: Sequence[Cost]) -> None:
    used = {name for each in found for name in each.indexes}
    if asked.by:
        assert used & set(asked.by), shown(found)
        assert not [name for name in used - set(asked.by) if not any(part in name for part in BY_KEY)], shown(found)


def check_growth(few: Sequence[Cost], many: Sequence[Cost], times: float, more: int) -> None:
    assert len(few) == len(many)
    for before, after in zip(few, many, strict=True):
        assert after.work <= times * before.work + more, shown([before, after])


@pytest.mark.dear
def test_the_summary_of_wanted_items_is_one_scan(filled: FilledRooms, lane: str) -> None:
    """Of an index that has all that is counted."""
    for room in filled.get(lane, "wanted"):
        with counted(room) as statements, room.read() as uow:
            assert uow[WantedRepository].summary().total == MANY
        assert len(statements) == 1
        with room.write() as uow:
            (found,) = costs(uow, Wanted.metadata, uow[WantedRepository].summary)
        (reading,) = (line for line in found.plan if "wanted" in re.findall(r"\w+", line))
        assert reading.startswith(("SCAN wanted USING COVERING INDEX ix_w", "Index Only Scan")), shown([found])


@pytest.mark.parametrize("plugin", DOMAINS)
def test_every_verb_filter_and_accepted_scan_is_one_of_these(plugin: str) -> None:
    domain = DOMAINS[plugin]
    listed = {name.split()[0] for name in questions(plugin)} | set(domain.unasked)
    listed |= {name.replace(".series.", ".movies.") for name in listed}  # whose verbs are the same
    assert set(own_verbs(plugin)) - listed == set()
    assert set(domain.accepted) <= set(questions(plugin))
    for repository in manifest(plugin).repositories:
        if issubclass(repository, ModelRepository) and repository.model.__tablename__ not in domain.small:
            assert set(repository.filters) == set(domain.values.get(repository.name, {}))
