"""Plugins without tables, written by their code alone."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from types import ModuleType

from sqlalchemy import inspect

from storeroom import Registry, Storeroom
from storeroom.discovery import discover
from storeroom.errors import PluginError
from storeroom.registry import build_registry
from tests.support.distributions import install

IMPORTS = "from storeroom import BaseRepository, Finding, Manifest, hookimpl, hookspec\n"


def manifest(arguments: str = "") -> str:
    """The code of a plugin that returns a manifest with these arguments."""
    return f"{IMPORTS}\n\n@hookimpl\ndef storeroom_manifest():\n    return Manifest({arguments})\n"


def write_plugin(site: Path, name: str, code: str) -> None:
    """Install a plugin that is one module, `<name>_plugin`."""
    install(site, name, {f"{name}_plugin.py": code})


def module(code: str, name: str = "brought") -> ModuleType:
    """A plugin's module that was never on disk, as a program brings it."""
    made = ModuleType(name)
    exec(IMPORTS + dedent(code), made.__dict__)
    return made


def requiring(*names: str) -> ModuleType:
    """The module of a plugin that requires these."""
    return module(manifest(f"requires={list(names)}"))


def registry_of(plugins: Mapping[str, ModuleType], *, strict: bool = False) -> Registry:
    """The registry of these modules and nothing that is installed."""
    return build_registry(discover(plugins=plugins, installed=False), strict=strict)


def installed_registry(*names: str, strict: bool = False) -> Registry:
    """The registry of the installed plugins of these names."""
    return build_registry(discover(allow=names), strict=strict)


def order_of(registry: Registry) -> Sequence[str]:
    """The names of the plugins in use, in order."""
    return list(registry.plugins)


@contextmanager
def room_with(tmp_path: Path, *names: str) -> Iterator[Storeroom]:
    with Storeroom.open(f"sqlite:///{tmp_path}/room.db", allow=names, upgrade=True) as room:
        yield room


def check_bad_is_out(tmp_path: Path, error: type[PluginError], says: tuple[str, ...], bad: str = "bad") -> PluginError:
    """Open a room with the plugins good and bad: good works, bad is out for the reason given, which is returned."""
    with room_with(tmp_path, "good", bad) as room:
        assert list(room.registry.plugins) == ["good"]
        assert list(room.registry.quarantined) == [bad]
        cause = room.registry.quarantined[bad].error
        with room.read() as uow:
            assert uow["good"].name == "good"
            tables = inspect(uow.connection).get_table_names()
        assert "good" in tables
        assert "bad" not in tables
    assert type(cause) is error
    assert cause.plugin == bad
    assert "bad" in str(cause)
    for text in says:
        assert text in str(cause)
    return cause
