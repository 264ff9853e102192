"""What no dry run can do, and is left to whoever releases."""

import re
from collections.abc import Iterator
from pathlib import Path

from tools.release.source import CORE, Distribution, distributions, tags, uncommitted

_LINK = re.compile(r"\]\((?!https?:|#)([^)]+)\)")


def remarks(root: Path) -> Iterator[str]:
    """Say what is still to be done before, and after, what is committed can be uploaded."""
    files = uncommitted(root)
    if files:
        yield f"commit, or put away, what isn't in this release: {', '.join(files)}"
    every = distributions(root)
    (core,) = (each for each in every if each.name == CORE)
    yield from _changelog(root, core)
    yield from (f"tag it: git tag {tag(each)}" for each in every if tag(each) not in tags(root))
    for each in every:
        dead = sorted(set(_LINK.findall((each.folder / "README.md").read_text(encoding="utf-8"))))
        if dead:
            yield f"{each.name}: its README links to {', '.join(dead)}, which an index doesn't have; give addresses"


def tag(distribution: Distribution) -> str:
    """Return the tag of a release."""
    return f"{distribution.name}-{distribution.version}"


def _changelog(root: Path, core: Distribution) -> Iterator[str]:
    heads = re.findall(r"^## (.+)$", (root / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    dated = re.compile(rf"{re.escape(str(core.version))} \(\d{{4}}-\d\d-\d\d\)")
    if not any(map(dated.fullmatch, heads)):
        yield f"CHANGELOG.md has no section '{core.version} (2026-12-31)', with the day; it begins with {heads[0]!r}"
