"""The project's source files, and what they import."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
CORE = ROOT / "core" / "src"


@dataclass(frozen=True)
class Import:
    """One import of a module, or of names from a module."""

    module: str
    names: tuple[str, ...] = ()


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), file.name)


def modules(source: Path, pattern: str = "*.py") -> Mapping[str, Path]:
    """The modules below a source folder by their dotted names, without revisions."""
    found = {}
    for file in sorted(source.rglob(pattern)):
        if "versions" not in file.parts:
            parts = file.relative_to(source).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def imports(file: Path) -> Iterator[Import]:
    """All imports of a file, also those inside functions."""
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name}: imports are absolute"
            yield Import(node.module or "", tuple(alias.name for alias in node.names))


def imported_modules(file: Path, known: Mapping[str, Path]) -> set[str]:
    """The known modules that a file imports: `from package import module` is an import of the module."""
    found = set()
    for each in imports(file):
        inner = {f"{each.module}.{name}" for name in each.names}
        found |= (inner & known.keys()) or ({each.module} & known.keys())
    return found


def distributions() -> Mapping[str, Path]:
    """The source folders of all plugins that live in this project, by their package's name."""
    folders = [*ROOT.glob("examples/*/src/*"), *ROOT.glob("plugins/*/src/*")]
    return {folder.name: folder for folder in folders if (folder / "__init__.py").exists()}


def written() -> list[Path]:
    """All Python files that people write here: core, plugins, examples, tests."""
    folders = ("core/src", "plugins", "examples", "tests", "benchmarks", "tools")
    found = [file for folder in folders for file in ROOT.glob(f"{folder}/**/*.py")]
    return [file for file in [*found, *ROOT.glob("*.py")] if not {"build", "dist", ".venv"} & set(file.parts)]
