"""`write_revision` writes what the models say that the plugin's own tables don't, and nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect

from storeroom.errors import (
    MigrationsInvalid,
    PluginImportFailed,
    PluginNameTaken,
    RevisionEmpty,
    RevisionMissing,
    SchemaOutOfDate,
)
from storeroom.testing import requires
from tests.migrations.authoring import head, model, without_migrations, write
from tests.migrations.installations import connected, execute, query, tables, upgrade
from tests.support.distributions import forget_modules
from tests.support.plugins import PluginMaker, create_table

pytestmark = pytest.mark.dear


def test_a_first_revision_makes_the_folder(url: str, make_plugin: PluginMaker) -> None:
    package = without_migrations(make_plugin, "alpha")
    file = write(make_plugin.site, "alpha", "Create the alphas.")
    assert file == package / "migrations/versions/alpha_0001_create_the_alphas.py"
    assert head(package) == "alpha_0001_create_the_alphas\n"
    assert upgrade(url, "alpha") == ["alpha_0001_create_the_alphas"]
    assert tables(url) == {"alpha"}
    with pytest.raises(RevisionEmpty, match="the models and the migrations of plugin 'alpha' agree") as caught:
        write(make_plugin.site, "alpha")
    assert caught.value.plugin == "alpha"


def test_an_installed_copy_is_not_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site-packages"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    package = PluginMaker(site)("alpha")
    with pytest.raises(MigrationsInvalid, match="are an installed copy, in site-packages; install its project"):
        write(site, "alpha", empty=True)
    assert head(package) == "alpha_0001\n"
    forget_modules(site)


CHANGES = [
    "name: Mapped[str] = mapped_column(String(50), server_default='')",
    "at: Mapped[datetime | None] = mapped_column(index=True)",
    'body: Mapped[dict[str, str] | None] = mapped_column(JSON().with_variant(JSONB(), "postgresql"))',
    "base_id: Mapped[int | None] = mapped_column(ForeignKey('base.id', ondelete='SET NULL'))",
    "__table_args__ = (UniqueConstraint('name'), CheckConstraint('id > 0', name='positive'))",
]


OWN_TYPES = """
class Path(TypeDecorator):
    impl = String(300)
    cache_ok = True


class Languages(JSONDocument):
    cache_ok = True


class Given(Int):
    impl = BigInteger
    cache_ok = True
"""


def test_a_plugins_own_types_are_written_as_what_they_store(url: str, make_plugin: PluginMaker) -> None:
    package = make_plugin("alpha")
    models = package / "models.py"
    imports = (
        "from sqlalchemy import BigInteger, String\nfrom sqlalchemy.types import TypeDecorator\n"
        "from storeroom.sql import Int, JSONDocument\n"
    )
    models.write_text(imports + OWN_TYPES + models.read_text())
    columns = {"path": "Path", "languages": "Languages", "given": "Given"}
    with models.open("a") as file:
        file.writelines(
            f"    {name}: Mapped[object] = mapped_column({kind}(), nullable=True)\n" for name, kind in columns.items()
        )
    written = write(make_plugin.site, "alpha", "Own types").read_text()
    assert "sr_alpha" not in written
    assert "sa.Column('path', sa.String(length=300), nullable=True)" in written
    assert "sa.Column('given', sa.BigInteger(), nullable=True)" in written
    assert upgrade(url, "alpha")[-1] == "alpha_0002_own_types"
    with pytest.raises(RevisionEmpty):
        write(make_plugin.site, "alpha")


def test_an_order_with_null_as_smallest_is_written_for_both_databases(url: str, make_plugin: PluginMaker) -> None:
    package = make_plugin("alpha")
    model(package, "seen: Mapped[int | None]", "read: Mapped[int | None]")
    with (package / "models.py").open("a") as file:
        file.write("from storeroom.sql import ascending, descending\n")
        file.write("t = Table1.__table__\n")
        file.write("Index('ix_alpha_seen', ascending(t.c.seen), t.c.id)\n")
        file.write("Index('ix_alpha_read', descending(t.c.read), t.c.id.desc())\n")
    written = write(make_plugin.site, "alpha", "Orders").read_text()
    assert "[ascending(sa.Column('seen')), " in written
    assert "[descending(sa.Column('read')), " in written
    assert "from storeroom.sql import ascending\nfrom storeroom.sql import descending\n" in written
    assert upgrade(url, "alpha")[-1] == "alpha_0002_orders"
    with pytest.raises(RevisionEmpty):
        write(make_plugin.site, "alpha", url=url)
    if requires.server.met_by(url):
        definitions = query(
            url,
            "SELECT indexdef FROM pg_indexes WHERE indexname IN ('ix_alpha_read', 'ix_alpha_seen') ORDER BY indexname",
        )
        assert [each.partition(" USING ")[2] for (each,) in definitions] == [
            "btree (read DESC NULLS LAST, id DESC)",
            "btree (seen NULLS FIRST, id)",
        ]


def make_changed(make_plugin: PluginMaker) -> Path:
    """A plugin whose models went on from its first revision, with a foreign key into another's table."""
    make_plugin("base", revisions=[create_table("base"), "pass"])
    package = make_plugin("alpha", requires=["base"])
    model(package, *(line.replace("'base.id'", "Table1Base.id") for line in CHANGES))
    models = package / "models.py"
    models.write_text("from sr_base.models import Table1 as Table1Base\n" + models.read_text())
    return package


def test_a_later_revision_brings_the_tables_to_the_models(url: str, make_plugin: PluginMaker) -> None:
    package = make_changed(make_plugin)
    file = write(make_plugin.site, "alpha", "More columns")
    assert 'requires = ("base:base_0002",)' in file.read_text()
    assert 'down_revision = "alpha_0001"' in file.read_text()
    assert "UTCDateTime" not in file.read_text()
    assert upgrade(url, "base", "alpha")[-1] == "alpha_0002_more_columns"
    assert head(package) == "alpha_0002_more_columns\n"
    with connected(url) as connection:
        inspector = inspect(connection)
        assert [each["name"] for each in inspector.get_columns("alpha")] == ["id", "name", "at", "body", "base_id"]
        assert [each["name"] for each in inspector.get_indexes("alpha") if "ix" in str(each["name"])] == ["ix_alpha_at"]
        assert [each["name"] for each in inspector.get_unique_constraints("alpha")] == ["uq_alpha_name"]
        assert [each["options"]["ondelete"] for each in inspector.get_foreign_keys("alpha")] == ["SET NULL"]


@pytest.mark.parametrize("with_database", [False, True])
def test_after_it_nothing_is_left_to_write(url: str, make_plugin: PluginMaker, with_database: bool) -> None:
    make_changed(make_plugin)
    write(make_plugin.site, "alpha")
    forget_modules(make_plugin.site)
    upgrade(url, "base", "alpha")
    with pytest.raises(RevisionEmpty):
        write(make_plugin.site, "alpha", url=url if with_database else None)


def test_what_is_written_is_in_order(make_plugin: PluginMaker) -> None:
    package = make_changed(make_plugin)
    model(package, table="alpha_more")
    file = write(make_plugin.site, "alpha", 'Say "so", \\N and """more"""\nat length')
    assert "postgresql.JSONB" in file.read_text()
    compile(file.read_text(), str(file), "exec")
    check = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E,F,W,I", "--ignore", "E501", str(file)]
    outcome = subprocess.run(check, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout
    assert upgrade("sqlite://", "base", "alpha")[-1] == file.stem


def test_neighbours_and_strangers_are_not_mentioned(url: str, make_plugin: PluginMaker) -> None:
    package = make_plugin("alpha")
    make_plugin("beta")
    upgrade(url, "alpha", "beta")
    execute(url, "CREATE TABLE users (id INTEGER)", "CREATE TABLE alpha_backup (id INTEGER)")
    model(package, "code: Mapped[int | None]")
    text = write(make_plugin.site, "alpha", url=url).read_text()
    assert "add_column" in text
    assert not [name for name in ("users", "alpha_backup", "beta", "storeroom") if name in text]


def test_a_table_that_belongs_to_nobody_is_not_altered(url: str, make_plugin: PluginMaker) -> None:
    execute(url, "CREATE TABLE alpha (other INTEGER)")
    without_migrations(make_plugin, "alpha")
    text = write(make_plugin.site, "alpha", url=url).read_text()
    assert "op.create_table('alpha'" in text.replace('"', "'")
    assert "other" not in text


def test_the_database_must_be_at_head(url: str, make_plugin: PluginMaker) -> None:
    package = make_plugin("alpha", revisions=[create_table("alpha"), "pass"], head="alpha_0002")
    model(package, "code: Mapped[int | None]")
    with pytest.raises(SchemaOutOfDate, match="is not at 'alpha_0002'; run 'storeroom upgrade' first") as caught:
        write(make_plugin.site, "alpha", url=url)
    assert caught.value.plugins == ("alpha",)
    assert head(package) == "alpha_0002\n"


def test_an_empty_revision_is_for_the_author_to_fill(url: str, make_plugin: PluginMaker) -> None:
    package = make_plugin("alpha")
    file = write(make_plugin.site, "alpha", "Copy rows", empty=True)
    assert file.read_text().count("    pass\n") == 2
    assert head(package) == "alpha_0002_copy_rows\n"
    assert upgrade(url, "alpha") == ["alpha_0001", "alpha_0002_copy_rows"]


def test_a_long_message_is_cut_at_32_characters(make_plugin: PluginMaker) -> None:
    make_plugin("alpha")
    file = write(make_plugin.site, "alpha", "Großes Änderungs-Vorhaben, im ganzen Haus", empty=True)
    assert file.stem == "alpha_0002_gro_es_nderungs_vorha"
    assert len(file.stem) == 32


@pytest.mark.parametrize("message", ["", " … ", "ÄÖ"])
def test_a_message_needs_letters(make_plugin: PluginMaker, message: str) -> None:
    package = make_plugin("alpha")
    with pytest.raises(MigrationsInvalid, match="has no letters for the revision's name; say what changes"):
        write(make_plugin.site, "alpha", message, empty=True)
    assert [each.name for each in (package / "migrations/versions").glob("*.py")] == ["alpha_0001.py"]


def test_a_plugin_that_is_not_installed(make_plugin: PluginMaker) -> None:
    make_plugin("alpha")
    refused = r"plugin 'beta' isn't installed; correct the name, or .* with pip install -e \(found: alpha, "
    with pytest.raises(MigrationsInvalid, match=refused):
        write(make_plugin.site, "beta")


def test_a_plugin_that_two_claim(make_plugin: PluginMaker) -> None:
    make_plugin("alpha")
    make_plugin("alpha", distribution="other-alpha")
    with pytest.raises(PluginNameTaken):
        write(make_plugin.site, "alpha")


def test_a_plugin_that_cannot_be_imported(make_plugin: PluginMaker) -> None:
    make_plugin("alpha", plugin_code="raise ValueError()")
    with pytest.raises(PluginImportFailed):
        write(make_plugin.site, "alpha")


def test_a_plugin_without_models(make_plugin: PluginMaker) -> None:
    package = make_plugin("alpha")
    plugin = package / "plugin.py"
    plugin.write_text(plugin.read_text().replace("models=Base,", "").replace('migrations="sr_alpha.migrations",', ""))
    with pytest.raises(MigrationsInvalid):
        write(make_plugin.site, "alpha")


def test_revisions_that_cannot_be_used_are_not_built_upon(make_plugin: PluginMaker) -> None:
    make_plugin("base")
    package = make_plugin("alpha", requires=["base"])
    file = package / "migrations/versions/alpha_0001.py"
    file.write_text(file.read_text().replace("requires = ()", "requires = ('base:base_0009',)"))
    model(package, "code: Mapped[int | None]")
    with pytest.raises(RevisionMissing, match="base_0009"):
        write(make_plugin.site, "alpha")
    assert head(package) == "alpha_0001\n"


def test_a_failure_leaves_nothing_behind(make_plugin: PluginMaker) -> None:
    package = make_plugin("alpha")
    (package / "migrations/HEAD.new").mkdir()  # in the way of the new HEAD
    with pytest.raises(OSError, match=r"HEAD\.new"):
        write(make_plugin.site, "alpha", empty=True)
    assert [each.name for each in (package / "migrations/versions").glob("*.py")] == ["alpha_0001.py"]
    assert head(package) == "alpha_0001\n"


def test_a_revision_that_head_does_not_know_yet_is_told(url: str, make_plugin: PluginMaker) -> None:
    """As an author finds it whose process died between the two files; who is at the old head isn't disturbed."""
    package = make_plugin("alpha")
    upgrade(url, "alpha")
    write(make_plugin.site, "alpha", empty=True)
    (package / "migrations/HEAD").write_text("alpha_0001\n")
    assert upgrade(url, "alpha") == []
    with pytest.raises(MigrationsInvalid, match="its last revision is 'alpha_0002_change_it'; correct HEAD"):
        write(make_plugin.site, "alpha", empty=True)


def test_first_revisions_without_a_head_are_told(make_plugin: PluginMaker) -> None:
    make_plugin("alpha", head="")
    with pytest.raises(
        MigrationsInvalid, match=r"has no HEAD, but revisions \(alpha_0001\.py\); delete them, or write"
    ):
        write(make_plugin.site, "alpha")


def test_a_file_that_is_there_is_not_overwritten(make_plugin: PluginMaker) -> None:
    package = make_plugin("alpha")
    file = package / "migrations/versions/alpha_0002_change_it"
    file.with_suffix(".py").mkdir()
    with pytest.raises(MigrationsInvalid, match="is there already; choose another message"):
        write(make_plugin.site, "alpha", empty=True)
    assert head(package) == "alpha_0001\n"


def test_a_file_that_is_not_there_is_not_made(make_plugin: PluginMaker, tmp_path: Path) -> None:
    make_plugin("alpha")
    with pytest.raises(SchemaOutOfDate, match="is not at 'alpha_0001'; run 'storeroom upgrade' first"):
        write(make_plugin.site, "alpha", url=f"sqlite:///{tmp_path}/new.db")
    assert not (tmp_path / "new.db").exists()


def test_a_first_revision_needs_no_file(make_plugin: PluginMaker, tmp_path: Path) -> None:
    without_migrations(make_plugin, "alpha")
    assert "create_table" in write(make_plugin.site, "alpha", url=f"sqlite:///{tmp_path}/new.db").read_text()
    assert not (tmp_path / "new.db").exists()
