"""What `write_revision` sees of indexes and server defaults, where Alembic alone sees nothing or one database only."""

import pytest

from storeroom.errors import RevisionEmpty
from storeroom.testing import Server
from tests.migrations.authoring import first_revision, model, write
from tests.migrations.installations import execute, query, tables, upgrade
from tests.support.dialects import spelled
from tests.support.distributions import forget_modules
from tests.support.plugins import PluginMaker, create_table

pytestmark = pytest.mark.dear


def index_definitions(url: str) -> dict[str, str]:
    """What the database itself says of each index of the plugin's that has a name of its own."""
    sqlite = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = 'alpha'"
    postgresql = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'alpha' AND indexname LIKE 'ix_%%'"
    return {name: text.lower() for name, text in query(url, spelled(url, sqlite=sqlite, postgresql=postgresql))}


EXPRESSION_INDEXES = [
    "body: Mapped[str | None] = mapped_column()",
    "n: Mapped[int | None] = mapped_column()",
    "__table_args__ = (Index('ix_alpha_text', text('lower(body)')), Index('ix_alpha_order', text('n DESC')),",
    "    Index('ix_alpha_function', 'n', func.lower(body.column)), Index('ix_alpha_newest', n.column.desc()),",
    "    Index('ix_alpha_sum', n.column + 1, unique=True),",
    "    Index('ix_alpha_few', 'n', sqlite_where=n.column > 3, postgresql_where=n.column > 3))",
]


def test_indexes_on_expressions_are_created_with_their_table(url: str, make_plugin: PluginMaker) -> None:
    first_revision(make_plugin, *EXPRESSION_INDEXES)
    write(make_plugin.site, "alpha")
    upgrade(url, "alpha")
    definitions = index_definitions(url)
    assert sorted(definitions) == [f"ix_alpha_{each}" for each in ("few", "function", "newest", "order", "sum", "text")]
    assert "lower" in definitions["ix_alpha_text"]
    assert "lower" in definitions["ix_alpha_function"]
    assert "n desc" in definitions["ix_alpha_order"]
    assert "n desc" in definitions["ix_alpha_newest"]
    assert "unique" in definitions["ix_alpha_sum"]
    assert "where" in definitions["ix_alpha_few"]
    for compared_with in (None, url):
        with pytest.raises(RevisionEmpty, match="agree"):
            write(make_plugin.site, "alpha", url=compared_with)


@pytest.mark.parametrize("with_database", [False, True])
def test_indexes_on_expressions_follow_the_models(url: str, make_plugin: PluginMaker, with_database: bool) -> None:
    package = first_revision(make_plugin, *EXPRESSION_INDEXES)
    write(make_plugin.site, "alpha")
    upgrade(url, "alpha")
    models = package / "models.py"
    for old, new in [("lower(body)", "upper(body)"), ("_newest", "_latest"), ("_few", "_some")]:
        models.write_text(models.read_text().replace(old, new))
    file = write(make_plugin.site, "alpha", url=url if with_database else None)
    assert "ix_alpha_sum" not in file.read_text()
    forget_modules(make_plugin.site)
    upgrade(url, "alpha")
    definitions = index_definitions(url)
    assert "upper" in definitions["ix_alpha_text"]
    assert {"ix_alpha_latest", "ix_alpha_some"} <= definitions.keys()
    assert not {"ix_alpha_newest", "ix_alpha_few"} & definitions.keys()
    with pytest.raises(RevisionEmpty, match="agree"):
        write(make_plugin.site, "alpha", url=url if with_database else None)


DEFAULTS = [
    "yes: Mapped[bool] = mapped_column(server_default=true())",
    "no: Mapped[bool] = mapped_column(server_default=false())",
    "one: Mapped[bool] = mapped_column(server_default=text('1'))",
    "name: Mapped[str] = mapped_column(String(9), server_default='x')",
    "count: Mapped[int] = mapped_column(server_default='0')",
    "at: Mapped[datetime] = mapped_column(server_default=func.now())",
    "lower: Mapped[str] = mapped_column(server_default=func.lower('X'))",
    "body: Mapped[dict[str, str] | None] = mapped_column(JSON())",
    "more: Mapped[dict[str, str]] = mapped_column(JSON(), server_default=text(\"'{}'\"))",
    "__table_args__ = (CheckConstraint('id > 0', name='positive'),)",
]


@pytest.mark.parametrize("later", [False, True])
def test_server_defaults_hold_on_every_database(url: str, make_plugin: PluginMaker, later: bool) -> None:
    if later:
        model(make_plugin("alpha"), *DEFAULTS)
    else:
        first_revision(make_plugin, *DEFAULTS)
    text = write(make_plugin.site, "alpha").read_text()
    assert "server_default=sa.true()" in text
    assert "server_default=sa.func.now()" in text
    forget_modules(make_plugin.site)
    upgrade(url, "alpha")
    execute(url, "INSERT INTO alpha (id) VALUES (7)")
    assert query(url, "SELECT yes, no, one, name, count, lower FROM alpha") == [(True, False, True, "x", 0, "x")]
    for compared_with in (None, url):
        with pytest.raises(RevisionEmpty):
            write(make_plugin.site, "alpha", url=compared_with)


KEPT_INDEX = [
    "name: Mapped[str | None] = mapped_column()",
    "__table_args__ = (Index('ix_alpha_lower', func.lower(name.column)),)",
]


@pytest.mark.parametrize("change", ["at: Mapped[datetime] = mapped_column(server_default=func.now())", "nullable"])
def test_an_index_on_an_expression_outlives_a_change_of_its_table(
    url: str, make_plugin: PluginMaker, change: str
) -> None:
    package = first_revision(make_plugin, *KEPT_INDEX)
    write(make_plugin.site, "alpha")
    if change == "nullable":
        models = package / "models.py"
        models.write_text(models.read_text().replace("name: Mapped[str | None]", "name: Mapped[str]"))
    else:
        model(package, change)
    write(make_plugin.site, "alpha")
    forget_modules(make_plugin.site)
    upgrade(url, "alpha")
    assert "lower" in index_definitions(url)["ix_alpha_lower"]
    with pytest.raises(RevisionEmpty, match="agree"):
        write(make_plugin.site, "alpha")


def test_an_index_goes_with_its_table_and_comes_back(url: str, make_plugin: PluginMaker) -> None:
    """What the functions of the written revision say, both ways."""
    package = first_revision(make_plugin, *KEPT_INDEX)
    write(make_plugin.site, "alpha")
    models = package / "models.py"
    models.write_text(
        models.read_text().replace('"alpha"\n', '"alpha_other"\n').replace("ix_alpha_l", "ix_alpha_other_l")
    )
    up, _, down = write(make_plugin.site, "alpha").read_text().partition("def downgrade")
    assert up.index("op.drop_index('ix_alpha_lower'") < up.index("op.drop_table('alpha')")
    assert down.index("op.create_table('alpha',") < down.index("op.create_index('ix_alpha_lower', 'alpha', [")
    assert "sa.literal_column('lower(name)')" in down
    forget_modules(make_plugin.site)
    upgrade(url, "alpha")
    assert tables(url) == {"alpha_other"}


def test_what_cannot_be_compared_is_told(url: str, make_plugin: PluginMaker) -> None:
    package = first_revision(make_plugin, "n: Mapped[int] = mapped_column(Computed('id + 1', persisted=True))")
    write(make_plugin.site, "alpha")
    upgrade(url, "alpha")
    models = package / "models.py"
    models.write_text(models.read_text().replace("id + 1", "id + 2"))
    for compared_with in (None, url):
        with pytest.raises(RevisionEmpty, match=r"not all could be compared \(.*alpha\.n.*\); .* --empty") as caught:
            write(make_plugin.site, "alpha", url=compared_with)
        assert "agree" not in str(caught.value)
    model(package, "more: Mapped[int | None] = mapped_column()")
    file = write(make_plugin.site, "alpha")
    assert "    # Not compared: " in file.read_text()
    compile(file.read_text(), str(file), "exec")


def test_an_operator_class_cannot_be_compared(server: Server, make_plugin: PluginMaker) -> None:
    url = server.create_database()
    lines = [
        "name: Mapped[str] = mapped_column()",
        "__table_args__ = (Index('ix_alpha_name', text('name varchar_pattern_ops')),)",
    ]
    first_revision(make_plugin, *lines)
    write(make_plugin.site, "alpha")
    upgrade(url, "alpha")
    with pytest.raises(RevisionEmpty, match=r"not all could be compared \(.*index 'ix_alpha_name'"):
        write(make_plugin.site, "alpha", url=url)
    server.drop_database(url)


def test_an_index_may_be_written_by_hand(url: str, make_plugin: PluginMaker) -> None:
    by_hand = """CREATE INDEX "ix_alpha_lower" ON alpha ( LOWER("name") ) WHERE name <> 'A b'"""
    condition = "text(\"name <> 'A b'\")"
    package = make_plugin(
        "alpha", revisions=[create_table("alpha", 'sa.Column("name", sa.String())'), f"op.execute({by_hand!r})"]
    )
    where = f"sqlite_where={condition}, postgresql_where={condition}"
    lines = [
        "name: Mapped[str | None] = mapped_column()",
        f"__table_args__ = (Index('ix_alpha_lower', func.lower(name.column), {where}),)",
    ]
    model(package, *lines)
    upgrade(url, "alpha")
    for compared_with in (None, url):
        with pytest.raises(RevisionEmpty, match="agree"):
            write(make_plugin.site, "alpha", url=compared_with)


@pytest.mark.parametrize("with_database", [False, True])
def test_a_changed_server_default_is_seen(url: str, make_plugin: PluginMaker, with_database: bool) -> None:
    package = first_revision(make_plugin, *DEFAULTS)
    write(make_plugin.site, "alpha")
    upgrade(url, "alpha")
    models = package / "models.py"
    for old, new in [("=true()", "=false()"), ("'0'", "'5'"), ("'{}'", "'[]'"), (", server_default='x'", "")]:
        models.write_text(models.read_text().replace(old, new))
    _, _, down = write(make_plugin.site, "alpha", url=url if with_database else None).read_text().partition("downgrade")
    assert "server_default=sa.true()" in down
    forget_modules(make_plugin.site)
    upgrade(url, "alpha")
    execute(url, "INSERT INTO alpha (id, name) VALUES (7, 'given')")
    assert query(url, "SELECT yes, no, one, count FROM alpha") == [(False, False, True, 5)]
    with pytest.raises(RevisionEmpty):
        write(make_plugin.site, "alpha", url=url if with_database else None)
