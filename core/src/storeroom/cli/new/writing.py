"""Writing a distribution's folder, whole or not at all."""

import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from storeroom.errors import ConfigurationError


def checked_target(folder: Path, distribution: str) -> Path:
    """Return the folder that a distribution gets, in the folder given.

    Raises ConfigurationError where that isn't there, and where something stands in the way.
    """
    if not folder.is_dir():
        raise ConfigurationError(f"there is no folder {str(folder)!r}; make it, or name another with --into")
    target = folder / distribution
    if os.path.lexists(target) and (target.is_symlink() or not target.is_dir() or any(target.iterdir())):
        raise _refused(target)
    return target


def write(files: Mapping[str, str], target: Path) -> None:
    """Write files, by their paths in the target, beside it, and then give them its name in one go.

    Whoever is interrupted leaves no half of them under that name. Raises ConfigurationError where something has come
    to stand there, which is left as it is, and where the folder can't be written to.
    """
    try:
        with TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as beside:
            made = Path(beside) / target.name
            for path, text in files.items():
                file = made / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8", newline="\n")
            _move(made, target)
    except OSError as error:
        raise ConfigurationError(
            f"{str(target)!r} can't be written: {error.strerror or error}; name another folder with --into"
        ) from error


def _move(made: Path, target: Path) -> None:
    try:
        if target.is_dir():
            target.rmdir()  # an empty one; not every system renames over it
        made.rename(target)
    except OSError as error:
        if os.path.lexists(target):
            raise _refused(target) from error
        raise


def _refused(target: Path) -> ConfigurationError:
    return ConfigurationError(
        f"{str(target)!r} is there already, and is left as it is; choose another name, or another folder with --into"
    )
