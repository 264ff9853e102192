"""Distributions made on the spot: a module, its metadata and its entry point, as pip would leave them."""

import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent


def install(
    site: Path,
    name: str,
    files: Mapping[str, str],
    *,
    distribution: str | None = None,
    version: str = "1.0",
    module: str | None = None,
) -> None:
    """Put a distribution with the entry point `name` into a folder, which must be on sys.path to be found.

    `files` are relative to the folder. The entry point names `module`, by default `<name>_plugin`.
    """
    distribution = distribution or f"storeroom-{name}"
    for path, text in files.items():
        file = site / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text), encoding="utf-8")
    info = site / f"{distribution.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(f"[storeroom]\n{name} = {module or f'{name}_plugin'}\n")


def forget_modules(site: Path) -> None:
    """Remove what was imported from the folder, so that the next test imports its own."""
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(str(site)):
            del sys.modules[name]
