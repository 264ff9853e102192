"""A plugin whose tables or migrations can't be used is kept out with its cause; the others work."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from storeroom.errors import ManifestInvalid, MigrationsInvalid, NameNotOwned, PluginError, PluginImportFailed
from tests.registry.making import check_bad_is_out, room_with
from tests.support.plugins import PluginMaker

FOREIGN_KEY = "from sr_good.models import Table1 as Good\nfrom sqlalchemy import ForeignKey\n"
CHILD = (
    "class Child(Base):\n    __tablename__ = 'bad_child'\n    id: Mapped[int] = mapped_column(%s, primary_key=True)\n"
)
MANIFEST = "@hookimpl\ndef storeroom_manifest():\n    return Manifest(models=Base, migrations=%s)\n"
OTHER_BASE = "class Other(DeclarativeBase):\n    %s\n"

TABLES: Mapping[str, tuple[Mapping[str, Any], type[PluginError], tuple[str, ...]]] = {
    "table-of-another": (
        {"tables": ["good"]},
        PluginImportFailed,
        ("table 'good' isn't for plugin 'bad' to take: call it 'bad' or 'bad_…'",),
    ),
    "table-that-only-begins-alike": ({"tables": ["badly"]}, PluginImportFailed, ("table 'badly'",)),
    "table-in-a-schema": (
        {
            "model_code": "from sqlalchemy import Integer\n"
            + CHILD % "Integer"
            + "    __table_args__ = {'schema': 'elsewhere'}\n"
        },
        PluginImportFailed,
        ("table 'elsewhere.bad_child' of plugin 'bad' names a schema: leave it out",),
    ),
    "head-missing": (
        {"head": ""},
        MigrationsInvalid,
        ("has no HEAD in its migrations; 'storeroom revision bad -m TEXT' writes it",),
    ),
    "head-empty": ({"head": " "}, MigrationsInvalid, ("HEAD of plugin 'bad' holds '' instead of one revision id",)),
    "head-with-a-merge-conflict": (
        {"head": "<<<<<<< ours\nbad_0001\n=======\nbad_0002\n>>>>>>> theirs"},
        MigrationsInvalid,
        ("holds '<<<<<<< ours bad_0001", "after a merge, put the two revisions into one line and name the last"),
    ),
    "head-of-another": ({"head": "good_0001"}, MigrationsInvalid, ("revision id 'good_0001'", "start it with 'bad_'")),
    "head-too-long": ({"head": "bad_" + "1" * 29}, MigrationsInvalid, ("32 characters at most",)),
    "head-isnt-the-last": ({"head": "bad_0009"}, MigrationsInvalid, ("HEAD", "bad_0009", "correct HEAD")),
    "migrations-missing": (
        {"plugin_code": MANIFEST % "'sr_bad.nowhere'"},
        MigrationsInvalid,
        ("'sr_bad.nowhere'", "isn't a folder on disk; correct its name, see that the wheel holds it, or make"),
    ),
    "migrations-in-a-package-that-raises": (
        {"plugin_code": MANIFEST % "'broken.migrations'"},
        MigrationsInvalid,
        ("'broken.migrations'", "SystemExit: 4"),
    ),
    "models-without-migrations": (
        {"plugin_code": MANIFEST % "None"},
        ManifestInvalid,
        ("models without migrations",),
    ),
    "models-of-another": (
        {"model_code": "from sr_good.models import Base\n"},
        NameNotOwned,
        ("registered as those of 'good'; use plugin_registry('bad'), or correct the entry point's name",),
    ),
    "models-with-a-registry-of-sqlalchemys": (
        {"model_code": OTHER_BASE % "pass" + "Base = Other\n"},
        ManifestInvalid,
        ("must be a declarative base with registry = plugin_registry('bad')",),
    ),
    "foreign-key-to-a-plugin-that-isnt-required": (
        {"model_code": FOREIGN_KEY + CHILD % "ForeignKey(Good.id, ondelete='CASCADE')"},
        ManifestInvalid,
        ("bad_child.id refers to a table of plugin 'good', which 'bad' doesn't require", "list them in the manifest"),
    ),
    "foreign-key-to-nobodys-table": (
        {
            "model_code": "from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table\n"
            "stray = Table('stray', MetaData(), Column('id', Integer, primary_key=True))\n"
            + CHILD
            % "ForeignKey(stray.c.id)"
        },
        ManifestInvalid,
        ("bad_child.id refers to a table of no plugin",),
    ),
    "foreign-key-that-restricts": (
        {"requires": ["good"], "model_code": FOREIGN_KEY + CHILD % "ForeignKey(Good.id, ondelete='RESTRICT')"},
        ManifestInvalid,
        ("refers to plugin 'good' with ondelete='RESTRICT'; it must say CASCADE or SET NULL",),
    ),
    "foreign-key-that-says-nothing": (
        {"requires": ["good"], "model_code": FOREIGN_KEY + CHILD % "ForeignKey(Good.id)"},
        ManifestInvalid,
        ("with ondelete=None; it must say CASCADE or SET NULL",),
    ),
    "foreign-key-by-text-to-another-plugin": (
        {"requires": ["good"], "model_code": FOREIGN_KEY + CHILD % "ForeignKey('good.id', ondelete='CASCADE')"},
        ManifestInvalid,
        ("table 'bad_child' can't be resolved", "refer to another plugin's column by attribute"),
    ),
}


@pytest.mark.parametrize("case", TABLES)
def test_a_plugin_with_broken_tables_is_quarantined(
    site: Path, make_plugin: PluginMaker, tmp_path: Path, case: str
) -> None:
    options, error, says = TABLES[case]
    (site / "broken.py").write_text("raise SystemExit(4)")
    make_plugin("good")
    make_plugin("bad", **options)
    check_bad_is_out(tmp_path, error, says)


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_head_that_cant_be_read_is_quarantined(
    make_plugin: PluginMaker, tmp_path: Path, content: bytes | None
) -> None:
    make_plugin("good")
    head = make_plugin("bad") / "migrations" / "HEAD"
    head.unlink()
    if content is None:
        head.mkdir()
    else:
        head.write_bytes(content)
    check_bad_is_out(tmp_path, MigrationsInvalid, ("HEAD of plugin 'bad' can't be read", "write the id"))


def test_a_foreign_key_between_a_plugins_own_tables_may_say_what_it_likes(
    make_plugin: PluginMaker, tmp_path: Path
) -> None:
    code = "from sqlalchemy import ForeignKey\n" + CHILD % "ForeignKey('bad.id')"
    make_plugin("bad", model_code=code)
    with room_with(tmp_path, "bad") as room:
        assert not room.registry.quarantined


@pytest.mark.parametrize("action", ["CASCADE", "SET NULL", "cascade"])
def test_a_foreign_key_into_a_required_plugin_lets_go_of_its_rows(
    make_plugin: PluginMaker, tmp_path: Path, action: str
) -> None:
    make_plugin("good")
    code = FOREIGN_KEY + CHILD % f"ForeignKey(Good.id, ondelete={action!r})"
    make_plugin("bad", requires=["good"], model_code=code)
    with room_with(tmp_path, "bad", "good") as room:
        assert list(room.registry.plugins) == ["good", "bad"]
