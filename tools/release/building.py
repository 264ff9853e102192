"""Building a distribution: its sdist and wheel, and its wheel once more from the sdist, as an index's users may."""

import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tools.release.source import Distribution, NotReleasable


@dataclass(frozen=True)
class Built:
    """A distribution with what was built of it."""

    distribution: Distribution
    sdist: Path
    wheel: Path
    wheel_of_sdist: Path

    @cached_property
    def in_wheel(self) -> Mapping[str, bytes]:
        """The wheel's files by name."""
        with zipfile.ZipFile(self.wheel) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    @cached_property
    def in_sdist(self) -> Mapping[str, bytes]:
        """The sdist's files by name, without the folder that holds them all."""
        found = {}
        with tarfile.open(self.sdist) as archive:
            for member in archive:
                file = archive.extractfile(member)
                if file is not None:
                    found[member.name.partition("/")[2]] = file.read()
        return found

    @property
    def metadata(self) -> bytes:
        """What the wheel says of itself."""
        return self.in_wheel[f"{self.stem}.dist-info/METADATA"]

    @property
    def stem(self) -> str:
        """What the names of its files begin with."""
        return f"{self.distribution.package}-{self.distribution.version}"


def build(distribution: Distribution, target: Path, *, time: int) -> Built:
    """Build a distribution into folders below `target`. Raises NotReleasable when it can't be built.

    Nothing is downloaded: the build backend is the one that is installed here. Files get the time that is given.
    """
    stem = f"{distribution.package}-{distribution.version}"
    unpacked = target / "unpacked"
    _hatchling(distribution.folder, target, time, "sdist", "wheel")
    sdist = target / f"{stem}.tar.gz"
    with tarfile.open(sdist) as archive:
        archive.extractall(unpacked, filter="data")
    _hatchling(unpacked / stem, target / "again", time, "wheel")
    wheel = f"{stem}-py3-none-any.whl"
    return Built(distribution, sdist, target / wheel, target / "again" / wheel)


def _hatchling(folder: Path, target: Path, time: int, *kinds: str) -> None:
    targets = [word for kind in kinds for word in ("-t", kind)]
    words: list[str | Path] = [sys.executable, "-m", "hatchling", "build", "-d", target, *targets]
    environ = {**os.environ, "SOURCE_DATE_EPOCH": str(time)}
    done = subprocess.run(words, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotReleasable(f"{folder.name} can't be built: {done.stdout}{done.stderr}")
