"""Claiming: at which revision tables are found to be, what is refused, and that nobody else's are touched."""

import pytest

from storeroom.errors import ClaimRefused, LedgerProtected, PluginAbsent, RevisionFailed, RevisionMissing, TableUnowned
from tests.lifecycle.lives import claim, forget
from tests.migrations.installations import execute, heads, picture, query, tables, uninstall, upgrade
from tests.support.dialects import spelled
from tests.support.plugins import PluginMaker, Rev, create_table, table

ADD_TITLE = 'with op.batch_alter_table("alpha") as batch:\n    batch.add_column(sa.Column("title", sa.Text()))'
CONCURRENT = Rev(
    'op.create_index("ix_alpha_id", "alpha", ["id"], if_not_exists=True, postgresql_concurrently=True)',
    transactional=False,
)
LINE: list[Rev | str] = [table("alpha"), ADD_TITLE, CONCURRENT]


def number_type(url: str) -> str:
    """What an integer key becomes."""
    return spelled(url, sqlite="INTEGER", postgresql="SERIAL")


@pytest.mark.parametrize("count", [1, 2, 3])
def test_what_was_forgotten_is_claimed_where_it_was(url: str, make_plugin: PluginMaker, count: int) -> None:
    make_plugin("alpha", revisions=LINE[:count])
    make_plugin("beta")
    upgrade(url, "alpha", "beta")
    execute(url, "INSERT INTO alpha (id) VALUES (7)")
    before = picture(url)
    forget(url, "alpha")
    uninstall(make_plugin.site, "alpha")
    make_plugin("alpha", revisions=LINE)
    with pytest.raises(TableUnowned, match="storeroom claim alpha"):
        upgrade(url, "alpha", "beta")
    claimed = claim(url, "alpha")
    assert (claimed.revision, claimed.tables) == (f"alpha_000{count}", ["alpha"])
    assert picture(url) == before
    assert upgrade(url, "alpha", "beta") == [f"alpha_000{number}" for number in range(count + 1, 4)]
    assert query(url, "SELECT id FROM alpha") == [(7,)]


def test_tables_that_a_program_made_by_itself_are_claimed(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("beta")
    upgrade(url, "beta")
    execute(
        url,
        f"CREATE TABLE alpha (id {number_type(url)} NOT NULL, title TEXT, CONSTRAINT pk_alpha PRIMARY KEY (id))",
        "INSERT INTO alpha VALUES (1, 'one')",
        "CREATE TABLE alpha_strange (id INTEGER PRIMARY KEY)",
    )
    line = [
        Rev('op.create_table("alpha", sa.Column("id", sa.Integer()), sa.PrimaryKeyConstraint("id", name="pk_alpha"))')
    ]
    make_plugin("alpha", revisions=[*line, *LINE[1:]])
    assert claim(url, "alpha").revision == "alpha_0002"
    assert query(url, "SELECT name FROM storeroom_objects WHERE plugin = 'alpha'") == [("alpha",)]
    assert upgrade(url, "alpha", "beta") == ["alpha_0003"]
    assert query(url, "SELECT * FROM alpha") == [(1, "one")]


def test_tables_that_differ_are_refused_with_how(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", revisions=LINE)
    upgrade(url, "alpha")
    forget(url, "alpha")
    execute(url, "ALTER TABLE alpha ADD COLUMN extra INTEGER")
    before = picture(url)
    with pytest.raises(ClaimRefused, match="from 'alpha_0003', the nearest, they differ so") as caught:
        claim(url, "alpha")
    assert len(caught.value.differences) == 1
    assert "extra" in caught.value.differences[0]
    assert picture(url) == before


def test_revisions_that_change_rows_only_must_be_told_apart(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", revisions=[table("alpha"), 'op.execute("UPDATE alpha SET id = id + 1")', LINE[2]])
    upgrade(url, "alpha")
    forget(url, "alpha")
    execute(url, "DROP INDEX ix_alpha_id", "INSERT INTO alpha VALUES (1)")
    with pytest.raises(ClaimRefused, match=r"which differ in rows only: alpha_0001, alpha_0002; say with --at"):
        claim(url, "alpha")
    with pytest.raises(ClaimRefused, match="index 'ix_alpha_id'"):
        claim(url, "alpha", "alpha_0003")
    with pytest.raises(ClaimRefused, match="has no revision 'alpha_9'; give one of: alpha_0001, alpha_0002"):
        claim(url, "alpha", "alpha_9")
    assert claim(url, "alpha", "alpha_0001").revision == "alpha_0001"
    assert upgrade(url, "alpha") == ["alpha_0002", "alpha_0003"]
    assert query(url, "SELECT id FROM alpha") == [(2,)]


def test_a_table_that_a_later_revision_drops_tells_them_apart(url: str, make_plugin: PluginMaker) -> None:
    make_plugin(
        "alpha", revisions=[f"{create_table('alpha')}\n{create_table('alpha_old')}", 'op.drop_table("alpha_old")']
    )
    upgrade(url, "alpha")
    forget(url, "alpha")
    execute(url, f"CREATE TABLE alpha_old (id {number_type(url)} NOT NULL, CONSTRAINT pk_alpha_old PRIMARY KEY (id))")
    claimed = claim(url, "alpha")
    assert (claimed.revision, claimed.tables) == ("alpha_0001", ["alpha", "alpha_old"])
    assert upgrade(url, "alpha") == ["alpha_0002"]
    assert tables(url) == {"alpha"}


def test_what_it_requires_must_be_there(url: str, make_plugin: PluginMaker) -> None:
    link = 'sa.Column("alpha_id", sa.Integer(), sa.ForeignKey("alpha.id", ondelete="CASCADE"))'
    make_plugin("alpha")
    make_plugin("beta", requires=["alpha"], revisions=[Rev(create_table("beta", link), requires=["alpha:alpha_0001"])])
    upgrade(url, "alpha", "beta")
    forget(url, "beta")
    forget(url, "alpha")
    with pytest.raises(
        RevisionMissing, match="isn't applied here; claim 'alpha' first, or upgrade while 'beta' is denied"
    ):
        claim(url, "beta")
    claim(url, "alpha")
    assert claim(url, "beta").tables == ["beta"]
    assert heads(url) == {"alpha": "alpha_0001", "beta": "beta_0001"}


def test_a_revision_that_fails_on_empty_tables_is_named(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", revisions=[table("alpha")])
    upgrade(url, "alpha")
    forget(url, "alpha")
    uninstall(make_plugin.site, "alpha")
    make_plugin("alpha", revisions=[table("alpha"), "raise LookupError('no row')"])
    before = picture(url)
    with pytest.raises(RevisionFailed, match=r"revision 'alpha_0002' of plugin 'alpha' failed: LookupError: no row"):
        claim(url, "alpha")
    assert picture(url) == before


def test_what_there_is_nothing_to_claim_of_is_told(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", revisions=LINE)
    make_plugin("beta")
    upgrade(url, "alpha")
    with pytest.raises(ClaimRefused, match="has its tables already, at 'alpha_0003'"):
        claim(url, "alpha")
    with pytest.raises(ClaimRefused, match="no table of plugin 'beta' is there to be claimed"):
        claim(url, "beta")
    with pytest.raises(LedgerProtected, match="claimed by nobody"):
        claim(url, "storeroom")
    with pytest.raises(PluginAbsent, match="plugin 'gamma' isn't in use here"):
        claim(url, "gamma")
