"""What every change to a plugin's place in the ledger begins with: the lock, and a ledger that can be written."""

from collections.abc import Iterator
from contextlib import contextmanager

from storeroom.engine import Database, Transaction, sqlite_file
from storeroom.errors import LedgerProtected, PluginAbsent, SchemaOutOfDate
from storeroom.migrations.coordinator import Stand, read_stand
from storeroom.migrations.ledger import LedgerEntry, core_plugin
from storeroom.migrations.lock import begin_locked
from storeroom.migrations.state import LedgerSnapshot, code_head, schema_ahead
from storeroom.names import CORE_PLUGIN, suggestion


@contextmanager
def changing(database: Database) -> Iterator[tuple[Transaction, Stand]]:
    """Give out the migrating transaction under the lock, committed at the end of the block.

    Raises SchemaOutOfDate where the ledger is older than this Storeroom, LedgerTooNew where it is newer.
    """
    refuse_new(database)
    transaction = begin_locked(database)
    try:
        stand = read_stand(transaction.runner)
        check_ledger(stand.known, database)
        yield transaction, stand
    except BaseException:
        transaction.rollback()
        raise
    transaction.commit()


def refuse_new(database: Database) -> None:
    """Refuse a SQLite file that isn't there; to begin a transaction would make it."""
    file = sqlite_file(database.engine.url)
    if file is not None and not file.exists():
        raise SchemaOutOfDate(
            f"{database.shown_url} doesn't exist; look at the URL, or create it with 'storeroom upgrade'",
            plugins=(CORE_PLUGIN,),
        )


def check_ledger(known: LedgerSnapshot, database: Database) -> None:
    """See that the ledger is as this Storeroom writes it."""
    core = core_plugin()
    entry = known.entries.get(CORE_PLUGIN)
    if entry is not None and entry.head == code_head(core):
        return
    if entry is not None and code_head(core) in known.applied[CORE_PLUGIN]:
        raise schema_ahead(core, entry)
    raise SchemaOutOfDate(
        f"the ledger in {database.shown_url} is missing or older than this Storeroom; run 'storeroom upgrade' first",
        plugins=(CORE_PLUGIN,),
    )


def held(known: LedgerSnapshot, name: str, database: Database) -> LedgerEntry:
    """Return the ledger's entry of a plugin; raises PluginAbsent, or LedgerProtected for core's own."""
    if name == CORE_PLUGIN:
        raise LedgerProtected(
            "core's own tables tell what the database holds, and stay with it; to be rid of all, purge the plugins and "
            "drop the database"
        )
    if name not in known.entries:
        others = [each for each in known.entries if each != CORE_PLUGIN]
        raise PluginAbsent(
            f"the ledger of {database.shown_url} holds no plugin {name!r}{suggestion(name, others)}; it holds: "
            f"{', '.join(others) or 'none'}",
            plugin=name,
        )
    return known.entries[name]
