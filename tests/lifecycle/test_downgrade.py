"""Downgrading: what it takes back, what stands against it, and what becomes of the ledger."""

import pytest

from storeroom.errors import (
    DowngradeRefused,
    LedgerProtected,
    PluginAbsent,
    RevisionFailed,
    SchemaAhead,
    SchemaOutOfDate,
    StillRequired,
)
from tests.lifecycle.lives import downgrade
from tests.migrations.installations import execute, heads, picture, query, tables, uninstall, upgrade
from tests.support.plugins import PluginMaker, Rev, table

ADD_TITLE = Rev(
    'with op.batch_alter_table("alpha") as batch:\n    batch.add_column(sa.Column("title", sa.Text()))',
    down='with op.batch_alter_table("alpha") as batch:\n    batch.drop_column("title")',
)
INDEX = Rev('op.create_index("ix_alpha_id", "alpha", ["id"])', down='op.drop_index("ix_alpha_id", "alpha")')
LINE = [table("alpha"), ADD_TITLE, INDEX]


def test_it_takes_back_what_came_after_a_revision_the_latest_first(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", revisions=LINE[:1])
    upgrade(url, "alpha")
    execute(url, "INSERT INTO alpha VALUES (7)")
    before = picture(url)
    uninstall(make_plugin.site, "alpha")
    make_plugin("alpha", revisions=LINE)
    upgrade(url, "alpha")
    assert picture(url) != before
    assert downgrade(url, "alpha", "alpha_0001") == ["alpha_0003", "alpha_0002"]
    assert picture(url) == before
    assert downgrade(url, "alpha", "alpha_0001") == []
    assert upgrade(url, "alpha") == ["alpha_0002", "alpha_0003"]


def test_base_takes_back_all_and_lets_go_of_the_plugin(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("beta")
    upgrade(url, "beta")
    execute(url, "INSERT INTO beta VALUES (1)")
    before = picture(url)
    make_plugin("alpha", revisions=LINE)
    upgrade(url, "alpha", "beta")
    assert downgrade(url, "alpha", "base") == ["alpha_0003", "alpha_0002", "alpha_0001"]
    assert picture(url) == before
    assert upgrade(url, "alpha", "beta") == ["alpha_0001", "alpha_0002", "alpha_0003"]


def test_objects_are_recorded_as_they_are_afterwards(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", tables=["alpha", "alpha_more"], revisions=[table("alpha"), table("alpha_more"), INDEX])
    upgrade(url, "alpha")
    downgrade(url, "alpha", "alpha_0002")
    recorded = "SELECT name FROM storeroom_objects WHERE plugin = 'alpha' ORDER BY name"
    assert query(url, recorded) == [("alpha",), ("alpha_more",)]
    downgrade(url, "alpha", "alpha_0001")
    assert query(url, recorded) == [("alpha",)]


@pytest.mark.parametrize("target", ["base", "alpha_0001"])
def test_what_another_plugin_requires_stays_also_when_that_is_gone(
    url: str, make_plugin: PluginMaker, target: str
) -> None:
    make_plugin("alpha", revisions=[table("alpha"), INDEX])
    make_plugin("beta", requires=["alpha"], revisions=[Rev(table("beta").body, requires=["alpha:alpha_0002"])])
    upgrade(url, "alpha", "beta")
    uninstall(make_plugin.site, "beta")
    before = picture(url)
    with pytest.raises(StillRequired, match=r"required by 'beta_0001' of 'beta' \('alpha_0002'\)") as caught:
        downgrade(url, "alpha", target)
    assert caught.value.required_by == ("beta",)
    assert picture(url) == before


def test_what_others_require_of_an_earlier_revision_is_no_hindrance(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", revisions=[table("alpha"), INDEX])
    make_plugin("beta", requires=["alpha"], revisions=[Rev(table("beta").body, requires=["alpha:alpha_0001"])])
    upgrade(url, "alpha", "beta")
    assert downgrade(url, "alpha", "alpha_0001") == ["alpha_0002"]


def test_a_table_that_another_ones_key_refers_to_stays(url: str, make_plugin: PluginMaker) -> None:
    """Though no revision says that it requires it."""
    make_plugin("alpha", revisions=[table("alpha")])
    upgrade(url, "alpha")
    execute(url, "CREATE TABLE program (id INTEGER PRIMARY KEY, alpha_id INTEGER REFERENCES alpha (id))")
    before = picture(url)
    with pytest.raises(RevisionFailed, match="the downgrade of revision 'alpha_0001' of plugin 'alpha' failed"):
        downgrade(url, "alpha", "base")
    assert picture(url) == before


def test_a_revision_without_a_way_back_is_told_before_anything_is_done(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", revisions=[Rev(table("alpha").body, down=None), INDEX])
    upgrade(url, "alpha")
    before = picture(url)
    with pytest.raises(DowngradeRefused, match=r"'alpha_0001' of plugin 'alpha' has no function downgrade\(\)"):
        downgrade(url, "alpha", "base")
    assert picture(url) == before
    assert downgrade(url, "alpha", "alpha_0001") == ["alpha_0002"]


@pytest.mark.parametrize(
    ("down", "reason"),
    [
        ("pass", "it leaves 'alpha' behind, though it is the first"),
        ("raise RuntimeError('no way')", "RuntimeError: no way"),
        ('op.drop_table("beta")', "it dropped table 'beta', which isn't its own"),
        ('op.drop_table("alpha")\nop.execute("COMMIT")', "a revision may not begin, commit or roll back"),
    ],
)
def test_a_downgrade_that_fails_leaves_all_as_it_was(
    url: str, make_plugin: PluginMaker, down: str, reason: str
) -> None:
    make_plugin("alpha", revisions=[Rev(table("alpha").body, down=down), INDEX])
    make_plugin("beta")
    upgrade(url, "alpha", "beta")
    execute(url, "INSERT INTO alpha VALUES (1)", "INSERT INTO beta VALUES (1)")
    before = picture(url)
    with pytest.raises(RevisionFailed) as caught:
        downgrade(url, "alpha", "base")
    assert reason in str(caught.value)
    assert "deny" not in str(caught.value)
    assert picture(url) == before


def test_a_step_outside_the_transaction_is_one_on_the_way_back_as_well(url: str, make_plugin: PluginMaker) -> None:
    alone = Rev(
        'op.create_index("ix_alpha_id", "alpha", ["id"], if_not_exists=True, postgresql_concurrently=True)',
        down='op.drop_index("ix_alpha_id", "alpha", if_exists=True, postgresql_concurrently=True)',
        transactional=False,
    )
    make_plugin("alpha", revisions=[table("alpha"), alone, ADD_TITLE])
    upgrade(url, "alpha")
    assert downgrade(url, "alpha", "base") == ["alpha_0003", "alpha_0002", "alpha_0001"]
    assert tables(url) == set()
    assert heads(url) == {}


def test_names_that_lead_nowhere_are_told(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", revisions=LINE)
    with pytest.raises(SchemaOutOfDate, match=r"run 'storeroom upgrade' first|doesn't exist"):
        downgrade(url, "alpha", "base")
    upgrade(url, "alpha")
    before = picture(url)
    with pytest.raises(DowngradeRefused, match=r"isn't applied; did you mean 'alpha_0002'\?; give 'base', or one of"):
        downgrade(url, "alpha", "alpha_002")
    with pytest.raises(PluginAbsent, match=r"holds no plugin 'alhpa'; did you mean 'alpha'\?; it holds: alpha"):
        downgrade(url, "alhpa", "base")
    with pytest.raises(LedgerProtected, match="stay with it"):
        downgrade(url, "storeroom", "base")
    assert picture(url) == before


def test_the_way_back_is_in_the_distribution(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", revisions=LINE)
    upgrade(url, "alpha")
    uninstall(make_plugin.site, "alpha")
    with pytest.raises(PluginAbsent, match="isn't installed, and the way back is in its revisions"):
        downgrade(url, "alpha", "base")
    (make_plugin.site / "sr_alpha/migrations/versions/alpha_0003.py").unlink()
    make_plugin("alpha", revisions=LINE[:2])
    with pytest.raises(SchemaAhead, match=r"'alpha_0003', which storeroom-alpha 1\.0 doesn't know"):
        downgrade(url, "alpha", "alpha_0001")
