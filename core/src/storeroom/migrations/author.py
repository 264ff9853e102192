"""Writing a plugin's next revision, and HEAD with it: what its models say that its own tables don't."""

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from pathlib import Path

from alembic.operations.ops import CreateForeignKeyOp, CreateTableOp, OpContainer

from storeroom.discovery import DENIED, Candidate, Discovery
from storeroom.engine import Database, StatementRunner, parse_url, sqlite_file
from storeroom.errors import MigrationsInvalid, RevisionEmpty, SchemaOutOfDate
from storeroom.manifest import Manifest
from storeroom.migrations.comparison import Difference, compare
from storeroom.migrations.ledger import Ledger
from storeroom.migrations.rendering import render
from storeroom.migrations.revisions import Revision, load_revisions
from storeroom.migrations.state import EMPTY, code_head, read_ledger
from storeroom.migrations.upgrading import upgrade
from storeroom.names import suggestion
from storeroom.orm import PluginMetaData
from storeroom.registry import (
    HEAD_FILE,
    Registry,
    build_registry,
    check_revision_id,
    load_manifest,
    migrations_folder,
)
from storeroom.settings import Settings

_FILE = '''\
"""{message}."""

{imports}

revision = "{revision}"
down_revision = {down_revision}
requires = {requires}


def upgrade() -> None:
{upgrade}


def downgrade() -> None:
{downgrade}
'''
_ID_LENGTH = 32


def write_revision(
    discovery: Discovery,
    name: str,
    message: str,
    *,
    settings: Settings,
    database: Database | None = None,
    empty: bool = False,
) -> Path:
    """Write the next revision of a plugin and its HEAD; returns the revision's file.

    The plugin's models are compared with its own tables: those of `database`, which must be at its head, or of a
    scratch SQLite database that is brought there. With `empty`, nothing is compared and the functions are left to
    the author. A first revision makes the migrations folder as well.
    Raises the PluginError that tells why the plugin can't be used, RevisionEmpty when nothing differs, and
    SchemaOutOfDate when `database` is not at the plugin's head. Nothing is written then.
    """
    candidates = {candidate.name: candidate for candidate in discovery.candidates}
    manifest = _manifest(discovery, candidates, name)
    folder = _folder(name, manifest)
    registry = None
    revisions: Sequence[Revision] = ()
    if (folder / HEAD_FILE).exists():
        registry = _registry_for(name, candidates)
        revisions = load_revisions(registry.plugins[name])
    elif strays := sorted(file.name for file in (folder / "versions").glob("*.py")):
        raise MigrationsInvalid(
            f"plugin {name!r} has no {HEAD_FILE}, but revisions ({', '.join(strays)}); delete them, or write the id of "
            f"the last one into {HEAD_FILE}",
            plugin=name,
        )
    revision = _revision_id(name, len(revisions) + 1, message)
    up = down = "    pass"
    imports: Set[str] = set()
    requires: Sequence[str] = ()
    if not empty:
        metadata = _metadata(name, manifest)
        with _database_at_head(name, registry, settings, database) as runner:
            difference = compare(runner, metadata, _own_tables(name, runner, registry))
        _refuse_empty(name, difference)
        up, up_imports = render(difference.upgrade, difference.context)
        down, down_imports = render(difference.downgrade, difference.context)
        up = "\n".join([*(f"    # Not compared: {line}" for line in difference.uncompared), up])
        imports = up_imports | down_imports
        requires = _requirements(
            difference.upgrade, metadata, registry or _registry_for(name, candidates, without_itself=True)
        )
    text = _FILE.format(
        message=" ".join(message.split()).rstrip(".").replace("\\", "\\\\").replace('"', '\\"'),
        imports="\n".join(sorted({"import sqlalchemy as sa", "from alembic import op", *imports}, key=_import_order)),
        revision=revision,
        down_revision=f'"{revisions[-1].id}"' if revisions else "None",
        requires="(" + ", ".join(f'"{each}"' for each in requires) + (",)" if len(requires) == 1 else ")"),
        upgrade=up,
        downgrade=down,
    )
    return _write(name, folder, revision, text)


def _import_order(line: str) -> tuple[bool, str]:
    return line.startswith("from"), line


def _write(plugin: str, folder: Path, revision: str, text: str) -> Path:
    """Write the revision, and then HEAD in one go.

    Whoever is interrupted between the two finds HEAD at the revision before, with which the plugin still opens a
    database that is there; the next attempt to write or to upgrade says that HEAD isn't the last.
    """
    file = folder / "versions" / f"{revision}.py"
    head, new_head = folder / HEAD_FILE, folder / f"{HEAD_FILE}.new"
    if file.exists():
        raise MigrationsInvalid(f"{str(file)!r} is there already; choose another message", plugin=plugin)
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        file.write_text(text, encoding="utf-8")
        new_head.write_text(f"{revision}\n", encoding="utf-8")
        new_head.replace(head)
    except BaseException:
        file.unlink(missing_ok=True)
        new_head.unlink(missing_ok=True)
        raise
    return file


def _manifest(discovery: Discovery, candidates: Mapping[str, Candidate], name: str) -> Manifest:
    for quarantined in discovery.quarantined:
        if quarantined.name == name:
            raise quarantined.error
    if name in {each.name for each in discovery.denied}:
        raise MigrationsInvalid(f"plugin {name!r} {DENIED}", plugin=name)
    if name not in candidates:
        raise MigrationsInvalid(
            f"plugin {name!r} isn't installed{suggestion(name, candidates)}; correct the name, or "
            f"install its project with pip install -e (found: {', '.join(candidates) or 'none'})",
            plugin=name,
        )
    _, manifest = load_manifest(candidates[name])
    return manifest


def _metadata(name: str, manifest: Manifest) -> PluginMetaData:
    metadata = manifest.models.metadata if manifest.models is not None else None
    if not isinstance(metadata, PluginMetaData):
        raise MigrationsInvalid(
            f"plugin {name!r} has no models to write a revision of; name them in its manifest", plugin=name
        )
    return metadata


def _folder(name: str, manifest: Manifest) -> Path:
    """Find the migrations folder of the author's project, or the place where a first revision makes it."""
    if manifest.migrations is None:
        raise MigrationsInvalid(
            f"plugin {name!r} has no migrations package; name one in its manifest, beside its models", plugin=name
        )
    try:
        folder = migrations_folder(name, manifest.migrations)
    except MigrationsInvalid:
        parent, _, leaf = manifest.migrations.rpartition(".")
        if not parent:
            raise
        folder = migrations_folder(name, parent) / leaf
    if "site-packages" in folder.parts:
        raise MigrationsInvalid(
            f"the migrations of plugin {name!r} are an installed copy, in site-packages; install its project with pip "
            "install -e, and write the revision there",
            plugin=name,
        )
    return folder


def _registry_for(name: str, candidates: Mapping[str, Candidate], *, without_itself: bool = False) -> Registry:
    """Load the plugin with those that it requires, and no others; raises the error of the one that can't be used."""
    wanted, pending = set(), [name]
    while pending:
        each = pending.pop()
        if each in candidates and each not in wanted:
            wanted.add(each)
            pending += load_manifest(candidates[each])[1].requires
    if without_itself:
        wanted.discard(name)
    registry = build_registry(Discovery([candidates[each] for each in sorted(wanted)], (), ()))
    _refuse_problems(registry)
    return registry


def _refuse_problems(registry: Registry) -> None:
    for problem in registry.problems():
        raise problem


def _revision_id(plugin: str, number: int, message: str) -> str:
    """Make an id of the number and the message, so that two who branch from one revision get different ones."""
    slug = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")
    if not slug:
        raise MigrationsInvalid(
            f"message {message!r} has no letters for the revision's name; say what changes", plugin=plugin
        )
    revision = f"{plugin}_{number:04d}_{slug}"[:_ID_LENGTH].rstrip("_")
    check_revision_id(plugin, revision)
    return revision


@contextmanager
def _database_at_head(
    name: str, registry: Registry | None, settings: Settings, database: Database | None
) -> Iterator[StatementRunner]:
    """Give out a transaction on a database in which the plugin is at its head, or has nothing yet (no registry)."""
    if database is not None and registry is not None:
        _refuse_out_of_date(name, registry, database)
    if database is not None and not _is_new(database):
        with database.reading() as runner:
            yield runner
        return
    with tempfile.TemporaryDirectory(prefix="storeroom-") as folder:
        scratch = Database.from_url(parse_url(f"sqlite:///{folder}/scratch.db"), settings)
        try:
            if registry is not None:
                _refuse_problems(upgrade(scratch, registry).registry)
            with scratch.reading() as runner:
                yield runner
        finally:
            scratch.close()


def _refuse_out_of_date(name: str, registry: Registry, database: Database) -> None:
    ledger = EMPTY if _is_new(database) else read_ledger(database, registry)
    entry, head = ledger.entries.get(name), code_head(registry.plugins[name])
    if entry is None or entry.head != head:
        raise SchemaOutOfDate(
            f"plugin {name!r} in {database.shown_url} is not at {head!r}; run 'storeroom upgrade' first, or "
            "leave out the URL to compare with a scratch database",
            plugins=(name,),
        )


def _is_new(database: Database) -> bool:
    """Tell whether it is a SQLite file that isn't there; to begin a transaction would make it."""
    file = sqlite_file(database.engine.url)
    return file is not None and not file.exists()


def _own_tables(name: str, runner: StatementRunner, registry: Registry | None) -> Set[str]:
    """Return the tables that the ledger gives to the plugin."""
    owners = Ledger(runner).owners() if registry is not None else {}
    return {key.name for key, owner in owners.items() if key.kind == "table" and owner == name}


def _refuse_empty(name: str, difference: Difference) -> None:
    if not difference.upgrade.is_empty():
        return
    if difference.uncompared:
        raise RevisionEmpty(
            f"no difference was found between the models and the migrations of plugin {name!r}, but not all could be "
            f"compared ({'; '.join(difference.uncompared)}); if that changed, write its revision with --empty",
            plugin=name,
        )
    raise RevisionEmpty(
        f"the models and the migrations of plugin {name!r} agree; change a model first, or ask for an empty "
        "revision with --empty",
        plugin=name,
    )


def _requirements(operations: OpContainer, metadata: PluginMetaData, registry: Registry) -> Sequence[str]:
    """Return the heads of the plugins to whose tables new foreign keys refer."""
    owners = {
        constraint.referred_table.name: constraint.referred_table.metadata.plugin
        for table in metadata.tables.values()
        for constraint in table.foreign_key_constraints
        if isinstance(constraint.referred_table.metadata, PluginMetaData)
    }
    referred: set[str] = set()
    pending = list(operations.ops)
    while pending:
        operation = pending.pop()
        if isinstance(operation, OpContainer):
            pending += operation.ops
        elif isinstance(operation, CreateTableOp):
            table = metadata.tables[operation.table_name]
            referred |= {constraint.referred_table.name for constraint in table.foreign_key_constraints}
        elif isinstance(operation, CreateForeignKeyOp):
            referred.add(operation.referent_table)
    plugins = {owners[name] for name in referred if name in owners} & set(registry.plugins)
    return [f"{name}:{code_head(registry.plugins[name])}" for name in sorted(plugins - {metadata.plugin})]
