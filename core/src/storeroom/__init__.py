"""Storeroom: repositories as plugins, each with its own tables and migrations, on SQLite and PostgreSQL."""

from importlib import import_module

# Names are resolved on first use, so that the command line starts without SQLAlchemy.
_HOMES = {
    "AdoptionReport": "operations.adoption",
    "AnyOf": "repository",
    "BaseRepository": "repository",
    "Diagnosis": "operations.doctor",
    "Drift": "drift",
    "Filter": "repository",
    "Finding": "contributions",
    "HookResults": "results",
    "Manifest": "manifest",
    "ModelRepository": "repository",
    "NumberedPage": "repository",
    "Page": "repository",
    "PluginStatus": "migrations.state",
    "PruneReport": "operations.prune",
    "Record": "repository",
    "Registry": "registry",
    "Retention": "contributions",
    "Settings": "settings",
    "State": "migrations.state",
    "Statement": "sql",
    "StatementRun": "engine",
    "Storeroom": "room",
    "UTCDateTime": "types",
    "UnitOfWork": "unitofwork",
    "Upserted": "repository",
    "Versioned": "orm",
    "Work": "repository",
    "at_least": "repository",
    "below": "repository",
    "contains": "repository",
    "equals": "repository",
    "hookimpl": "hookspecs",
    "hookspec": "hookspecs",
    "plugin_registry": "orm",
}

__all__ = sorted([*_HOMES, "__version__", "errors"])


def __getattr__(name: str) -> object:
    if name in _HOMES:
        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    elif name == "errors":
        value = import_module(f"{__name__}.errors")
    elif name == "__version__":
        value = import_module("importlib.metadata").version(__name__)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
