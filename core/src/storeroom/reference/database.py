"""What a database holds, by its ledger: where each plugin stands, and the tables of those that aren't in use here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Dialect

from storeroom.installation import Installation
from storeroom.migrations.ledger import Ledger
from storeroom.migrations.state import PluginStatus
from storeroom.reference.markdown import listed, plain, table


@dataclass(frozen=True, slots=True)
class Holdings:
    """A database as its ledger tells: `owned` are the tables of each plugin; no password is in `url`."""

    url: str
    is_new: bool
    statuses: Sequence[PluginStatus]
    owned: Mapping[str, Sequence[str]]
    dialect: Dialect

    @property
    def kind(self) -> str:
        """The database's name, for people."""
        return {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[self.dialect.name]


def read_holdings(installation: Installation) -> Holdings:
    """Read what the database holds; nothing is changed. Plugins whose tables are ahead leave the registry."""
    statuses = installation.status()
    owned: dict[str, list[str]] = {}
    database = installation.database
    if any(each.database_head for each in statuses):
        with database.reading() as runner:
            for key, plugin in sorted(Ledger(runner).owners().items(), key=lambda item: item[0].name):
                if key.kind == "table":
                    owned.setdefault(plugin, []).append(key.name)
    return Holdings(database.shown_url, installation.is_new, statuses, owned, database.engine.dialect)


def database_section(held: Holdings) -> str:
    """Return the section on a database."""
    parts = ["## The database", f"{held.kind}: `{held.url}`"]
    if held.is_new:
        return "\n\n".join([*parts, "It doesn't exist yet; `storeroom upgrade` creates it."])
    rows = [
        [f"`{each.name}`", str(each.state), _or_dash(each.database_head), _or_dash(each.head), plain(each.detail)]
        for each in held.statuses
    ]
    parts.append(table(["plugin", "state", "revision in the database", "head of the code", ""], rows))
    shown = {each.name for each in held.statuses if each.head is not None}
    strangers = [[f"`{name}`", listed(tables)] for name, tables in sorted(held.owned.items()) if name not in shown]
    if strangers:
        parts += ["It holds tables of plugins that aren't in use here:", table(["plugin", "tables"], strangers)]
    return "\n\n".join(parts)


def _or_dash(revision: str | None) -> str:
    return "–" if revision is None else f"`{revision}`"
