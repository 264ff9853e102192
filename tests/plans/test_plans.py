"""With 200,000 rows in each large table, each query finds its rows by an index, and reads little more than it returns.

That is so on SQLite with and without statistics, and on PostgreSQL; whichever of two fitting indexes it takes.
"""

from collections.abc import Sequence

import pytest

from storeroom import ModelRepository
from tests.plans.asking import Asked
from tests.plans.filling import DOMAINS, FilledRooms
from tests.plans.questions import manifest, own_verbs, questions
from tests.support.plans import Cost, costs, shown

# Of a statement, in instructions of SQLite's and in PostgreSQL's buffers. To read the table takes many times as much.
MOST = {"sqlite": 25_000, "postgresql": 500}
BY_KEY = ("pk_", "sqlite_autoindex_", "INTEGER PRIMARY KEY", " USING PRIMARY KEY", "uq_")

ASKED = [(plugin, what) for plugin in DOMAINS for what in questions(plugin)]


@pytest.mark.dear
@pytest.mark.parametrize(("plugin", "what"), ASKED, ids=[f"{plugin}: {what}" for plugin, what in ASKED])
def test_a_query_uses_an_index(filled: FilledRooms, lane: str, plugin: str, what: str) -> None:
    domain, asked = DOMAINS[plugin], questions(plugin)[what]
    models = manifest(plugin).models
    assert models is not None
    for room in filled.get(lane, plugin):
        with room.write() as uow:
            dialect = uow.dialect.name
            found = costs(uow, models.metadata, lambda: asked.ask(uow))
        check_indexes(asked, found)
        worst = max(each.work for each in found)
        if what not in domain.accepted:
            assert worst <= MOST[dialect], shown(found)
        elif dialect == "sqlite":  # where an index that is read as a whole may be few buffers
            assert worst > MOST[dialect], f"it isn't dear any more; take it off the accepted ones:\n{shown(found)}"


def check_indexes(asked: Asked, found: Sequence[Cost]) -> None:
    used = {name for each in found for name in each.indexes}
    if asked.by:
        assert used & set(asked.by), shown(found)
        assert not [name for name in used - set(asked.by) if not any(part in name for part in BY_KEY)], shown(found)


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
