"""The dry run of a release: `python -m tools.release [FOLDER]`; with a folder, what was built is left in it."""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.release import checks
from tools.release.building import Built, build
from tools.release.remarks import remarks
from tools.release.since import since_last_release
from tools.release.source import NotReleasable, committed_at, distributions, export
from tools.release.trial import trial

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Build, check and try; list what is wrong and end with 1, or say what is left to be done by hand."""
    target = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None
    try:
        with tempfile.TemporaryDirectory(prefix="release-") as folder:
            problems = dry_run(ROOT, Path(folder), target)
    except NotReleasable as error:
        sys.exit(str(error))
    for problem in problems:
        print(problem)
    if problems:
        sys.exit("not fit to be released")
    for remark in remarks(ROOT):
        print(f"left to do: {remark}")


def dry_run(root: Path, folder: Path, target: Path | None = None) -> Sequence[str]:
    """Build what is committed, twice, in a folder that is thrown away, and return what is wrong with it."""
    built, again = (_built(root, folder / name) for name in ("one", "another"))
    problems = [*_problems(root, folder, built, again), *_versions(root)] or list(trial(built, folder))
    for each in built:
        print(f"{each.distribution.name} {each.distribution.version}: {each.sdist.name}, {each.wheel.name}")
        if target is not None and not problems:
            target.mkdir(parents=True, exist_ok=True)
            for file in (each.sdist, each.wheel):
                (target / file.name).write_bytes(file.read_bytes())
    return problems


def _built(root: Path, folder: Path) -> Sequence[Built]:
    """Build all distributions from a clean copy."""
    export(root, folder / "source")
    time = committed_at(root)
    found = distributions(folder / "source")
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda each: build(each, folder / "dist" / each.name, time=time), found))


def _problems(root: Path, folder: Path, built: Sequence[Built], again: Sequence[Built]) -> Iterator[str]:
    places = [root, folder, Path(sys.prefix), Path.home() / "."]
    every = [each.distribution for each in built]
    for each, other in zip(built, again, strict=True):
        found = [problem for check in checks.CHECKS for problem in check(each)]
        found += [*checks.of_nowhere(each, places), *checks.reproducible(each, other), *checks.versions(each, every)]
        yield from (f"{each.distribution.name}: {problem}" for problem in found)


def _versions(root: Path) -> Iterator[str]:
    """See that each version may bring what changed since the last release."""
    for each in distributions(root):
        yield from (f"{each.name}: {problem}" for problem in since_last_release(root, each))


if __name__ == "__main__":
    main()
