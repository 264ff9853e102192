"""What tests of plugins and programs need: databases, rooms, faults, processes, and the suite that a plugin passes.

A conftest.py says `pytest_plugins = ("storeroom.testing",)`. PYTEST_DONT_REWRITE: what fails here says why by itself.
"""

from importlib import import_module
from types import ModuleType

from storeroom.errors import ExtraMissing

pytest_plugins = ("storeroom.testing.fixtures",)

# Names are resolved on first use: whoever needs a server only doesn't import the suite.
_HOMES = {
    "Capability": "capabilities",
    "Conformance": "conformance",
    "Databases": "databases",
    "Here": "processes",
    "Race": "races",
    "Server": "servers",
    "ServerBinaries": "servers",
    "connect_server": "servers",
    "counted": "counting",
    "find_binaries": "servers",
    "kill_at": "processes",
    "oldest_and_newest": "servers",
    "run_together": "processes",
    "start_server": "servers",
}
_MODULES = ("faults", "requires")

__all__ = sorted([*_HOMES, *_MODULES])


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return _module(name)
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def _module(name: str) -> ModuleType:
    try:
        return import_module(f"{__name__}.{name}")
    except ModuleNotFoundError as error:
        raise ExtraMissing(
            f"storeroom.testing needs {error.name}, which isn't installed; pip install 'storeroom[testing]'",
            extra="testing",
        ) from error


def __dir__() -> list[str]:
    return __all__
