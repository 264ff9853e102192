"""What the benchmarks ran on: the facts that figures mean something with, and no name of the machine."""

import os
import platform
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.databases import Databases

_PACKAGES = ("sqlalchemy", "psycopg", "pydantic", "pluggy", "advanced-alchemy")


def machine(kinds: Sequence[Databases]) -> dict[str, str]:
    """Return what this machine and its software are, by what each fact is called."""
    facts = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": _memory(),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
    }
    for databases in kinds:
        if databases.kind == "PostgreSQL":
            with databases.create(plugins=("jobs",)) as database, closing(database.connect()) as connection:
                number = connection.info.server_version
                facts["PostgreSQL"] = f"{number // 10000}.{number % 10000}"
    return facts | {name: _version(name) for name in _PACKAGES}


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    lines = file.read_text().splitlines() if file.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def _memory() -> str:
    file = Path("/proc/meminfo")
    if not file.exists():
        return "unknown"
    return f"{int(file.read_text().split()[1]) / 1024**2:.0f} GB"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
