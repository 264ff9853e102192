"""A database of an older Storeroom is upgraded, that of a newer one is refused, and neither loses anything.

The first layout is a dump of what the first Storeroom made with the two plugins below, and their rows.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storeroom import Storeroom
from storeroom.errors import LedgerTooNew, SchemaOutOfDate
from storeroom.migrations.ledger import core_plugin
from storeroom.migrations.revisions import load_revisions
from storeroom.migrations.state import State
from storeroom.testing import requires
from tests.migrations.forks import Forker
from tests.migrations.installations import connected, execute, heads, installed, picture, query, upgrade
from tests.support.plugins import PluginMaker, Rev, create_table

pytestmark = pytest.mark.dear

LAYOUTS = Path(__file__).parent / "layouts"
FIRST = "storeroom_0001_ledger"
PLUGINS = ("alpha", "beta")
ALPHA = create_table("alpha", 'sa.Column("name", sa.String(50), nullable=False)')
BETA = create_table("beta", 'sa.Column("alpha_id", sa.Integer(), sa.ForeignKey("alpha.id", ondelete="CASCADE"))')
# The plugins' own rows in the ledger, with their times.
RECORDED = [
    "SELECT * FROM storeroom_plugins WHERE name <> 'storeroom' ORDER BY name",
    "SELECT * FROM storeroom_revisions WHERE plugin <> 'storeroom' ORDER BY plugin, position",
    "SELECT * FROM storeroom_requirements ORDER BY plugin",
    "SELECT * FROM storeroom_objects WHERE plugin <> 'storeroom' ORDER BY kind, name",
    f"SELECT * FROM storeroom_revisions WHERE revision = '{FIRST}'",
    "SELECT name, installed_at FROM storeroom_plugins WHERE name = 'storeroom'",
]
# Without the order to drop its tables, of which there may be several.
OWN_ROWS = {
    "storeroom_plugins": "SELECT name, head, version FROM storeroom_plugins WHERE name = 'storeroom'",
    "storeroom_revisions": "SELECT position, revision FROM storeroom_revisions WHERE plugin = 'storeroom' ORDER BY 1",
    "storeroom_objects": "SELECT kind, name FROM storeroom_objects WHERE plugin = 'storeroom' ORDER BY 1, 2",
}
FUTURE = [
    "UPDATE storeroom_plugins SET head = 'storeroom_0999_future', version = '9.0' WHERE name = 'storeroom'",
    f"INSERT INTO storeroom_revisions SELECT plugin, 'storeroom_0999_future', 999, 'Later', applied_at "
    f"FROM storeroom_revisions WHERE revision = '{FIRST}'",
]


@pytest.fixture
def old_url(url: str, make_plugin: PluginMaker) -> str:
    """A database in the first layout, whose plugins are installed."""
    index = 'op.create_index("ix_alpha_name", "alpha", ["name"])'
    make_plugin("alpha", revisions=[ALPHA, index])
    make_plugin("beta", requires=["alpha"], revisions=[Rev(BETA, requires=["alpha:alpha_0001"])])
    load(url, FIRST)
    return url


def load(url: str, layout: str) -> None:
    with connected(url) as connection:
        driver: Any = connection.connection.driver_connection
        text = (LAYOUTS / f"{layout}.{connection.dialect.name}.sql").read_text(encoding="utf-8")
        if requires.database_file.met_by(connection):
            driver.executescript(text)
        else:
            driver.execute(text)


def later_revisions() -> list[str]:
    """The ids of the ledger's revisions after the first."""
    first, *later = (revision.id for revision in load_revisions(core_plugin()))
    assert first == FIRST
    return later


def recorded(url: str) -> list[Any]:
    return [query(url, statement) for statement in RECORDED]


def of_plugins(url: str) -> dict[str, Any]:
    return {name: each for name, each in picture(url).items() if not name.startswith("storeroom_")}


def own_layout(url: str) -> dict[str, Any]:
    """The ledger's tables, and what it says of itself."""
    layout: dict[str, Any] = {name: each[0] for name, each in picture(url).items() if name.startswith("storeroom_")}
    for name, statement in OWN_ROWS.items():
        layout[name] = layout[name], query(url, statement)
    return layout


def upgrade_all(url: str, *names: str) -> list[str]:
    with installed(url, *names) as installation:
        return [revision for _, revision in installation.upgrade()]


def test_the_first_layout_is_upgraded(old_url: str, new_database: Callable[[], str]) -> None:
    before, rows = recorded(old_url), of_plugins(old_url)
    assert query(old_url, "SELECT count(*) FROM beta") == [(3,)]
    assert upgrade_all(old_url, *PLUGINS) == later_revisions()
    assert recorded(old_url) == before
    assert of_plugins(old_url) == rows
    new = new_database()
    upgrade(new, *PLUGINS)
    assert own_layout(old_url) == own_layout(new)
    assert upgrade_all(old_url, *PLUGINS) == []


def test_the_plugins_go_on_where_they_were(old_url: str) -> None:
    with Storeroom.open(old_url, allow=PLUGINS, upgrade=True, strict=True) as room:
        assert {each.name: each.state for each in room.status() if each.state is not State.DENIED} == dict.fromkeys(
            ("storeroom", *PLUGINS), State.CURRENT
        )
        with room.write() as uow:
            uow.connection.exec_driver_sql("DELETE FROM alpha WHERE id = 1")
    assert heads(old_url) == {"alpha": "alpha_0002", "beta": "beta_0001"}
    assert query(old_url, "SELECT id, alpha_id FROM beta ORDER BY id") == [(2, 3), (3, None)]


def test_it_is_not_upgraded_unasked(old_url: str) -> None:
    before = picture(old_url)
    with pytest.raises(SchemaOutOfDate, match=r"the tables of storeroom in .* run 'storeroom upgrade'") as caught:
        Storeroom.open(old_url, allow=PLUGINS)
    assert caught.value.plugins == ("storeroom",)
    assert picture(old_url) == before
    assert query(old_url, "SELECT head FROM storeroom_plugins WHERE name = 'storeroom'") == [(FIRST,)]


def test_many_processes_upgrade_it_at_once(old_url: str, make_plugin: PluginMaker, forker: Forker) -> None:
    before, rows = recorded(old_url), of_plugins(old_url)
    outcomes = forker.at_once(make_plugin.site, upgrade_all, [(old_url, *PLUGINS)] * 6)
    assert all(isinstance(each, list) for each in outcomes), outcomes
    assert sorted(outcomes) == [[]] * 5 + [later_revisions()]
    assert recorded(old_url) == before
    assert of_plugins(old_url) == rows


@pytest.mark.parametrize("with_upgrade", [False, True])
@pytest.mark.parametrize("from_first", [False, True], ids=["from the present layout", "from the first layout"])
def test_a_newer_ledger_is_refused_and_not_touched(
    old_url: str, make_plugin: PluginMaker, with_upgrade: bool, from_first: bool
) -> None:
    if not from_first:
        upgrade(old_url, *PLUGINS)
    make_plugin("gamma")
    execute(old_url, *FUTURE)
    before, rows = picture(old_url), recorded(old_url)
    with pytest.raises(LedgerTooNew, match=r"storeroom 9\.0 .* upgrade the storeroom distribution") as caught:
        Storeroom.open(old_url, allow=[*PLUGINS, "gamma"], upgrade=with_upgrade)
    assert caught.value.head == "storeroom_0999_future"
    assert picture(old_url) == before
    assert recorded(old_url) == rows
