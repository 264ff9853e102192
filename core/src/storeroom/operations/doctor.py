"""The doctor: what core sees of a database and its plugins, and what each plugin says of its own data."""

from collections.abc import Sequence
from dataclasses import dataclass

from storeroom.engine import Mode
from storeroom.installation import Installation
from storeroom.migrations.state import PluginStatus, State
from storeroom.names import CORE_PLUGIN
from storeroom.operations.checks import database_findings
from storeroom.operations.health import ask
from storeroom.unitofwork import UnitOfWork


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A finding, and whose it is: a plugin's, or `storeroom` for core's own."""

    source: str
    problem: str
    cure: str


def diagnose(installation: Installation) -> Sequence[Diagnosis]:
    """Look at the plugins, at the database, and ask the plugins whose tables are at their head.

    Nothing is changed, and no file is created. What one plugin's hook raises is a diagnosis of that plugin.
    """
    status = installation.status()
    if installation.is_new:
        problem = f"{installation.database.shown_url} doesn't exist yet"
        kept_out = [each for each in status if each.state is not State.PENDING]
        missing = Diagnosis(CORE_PLUGIN, problem, "correct the URL, or create it with 'storeroom upgrade'")
        return [missing, *(diagnosis for each in kept_out for diagnosis in _of_status(each))]
    found = [diagnosis for each in status for diagnosis in _of_status(each)]
    found += [Diagnosis(CORE_PLUGIN, each.problem, each.cure) for each in database_findings(installation.database)]
    current = {each.name for each in status if each.state is State.CURRENT}
    if CORE_PLUGIN not in current:
        return found
    health = ask(installation.registry, lambda: _reading(installation), current)
    for plugin, findings in health.results.items():
        found += [Diagnosis(plugin, each.problem, each.cure) for each in findings]
    return found + [Diagnosis(error.plugin, *_parted(str(error))) for error in health.errors]


def _reading(installation: Installation) -> UnitOfWork:
    database = installation.database
    return UnitOfWork(database, installation.registry, lambda: database.begin(Mode.READ), writes=False)


_OF_STATE: dict[State, tuple[str, str]] = {
    State.PENDING: ("its tables are missing, or older than its code", "run 'storeroom upgrade'"),
    State.ORPHANED: (
        "its tables are here, but it isn't installed",
        "install its distribution again, leave them, or drop them with 'storeroom purge'",
    ),
}


def _of_status(status: PluginStatus) -> Sequence[Diagnosis]:
    if status.state in (State.CURRENT, State.DENIED):
        return []
    return [Diagnosis(status.name, *(_OF_STATE.get(status.state) or _parted(status.detail)))]


def _parted(error: str) -> tuple[str, str]:
    """Return the problem and the cure of an error, which ends with what to do."""
    problem, _, cure = error.rpartition("; ")
    return problem, cure
