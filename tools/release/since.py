"""What changed since a distribution's last release, and whether its new version may bring that."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from packaging.version import InvalidVersion, Version

from tools.release.source import CORE, Distribution, git, tags

FACE = "docs/reference/face.txt"

_PATH = re.compile(r"[^(:=]+")


def since_last_release(root: Path, distribution: Distribution) -> Iterator[str]:
    """Yield what the version of a distribution doesn't allow, beside its last release's tag: see docs/compatibility.md.

    Nothing is wrong with a distribution that was never released, or that didn't change.
    """
    released = _released(root, distribution)
    if not released:
        return
    last = max(released)
    folder = distribution.folder.relative_to(root).as_posix()
    changed = git(root, "diff", "--name-only", released[last], "HEAD", "--", folder).decode().split()
    if distribution.version <= last:
        if changed:
            yield f"since {last}: {', '.join(changed)} changed; give it a version after {last}"
        return
    yield from _revisions(root, released[last], folder, is_patch=_is_patch(last, distribution.version))
    if distribution.name == CORE:
        yield from _face(root, released[last], last, distribution.version)


def _released(root: Path, distribution: Distribution) -> Mapping[Version, str]:
    """Return the tags of a distribution's releases, by version."""
    found = {}
    for tag in tags(root):
        # The prefix of core's tags begins those of the others as well, and what follows there is no version.
        if tag.startswith(f"{distribution.name}-"):
            try:
                found[Version(tag.removeprefix(f"{distribution.name}-"))] = tag
            except InvalidVersion:
                continue
    return found


def _is_patch(last: Version, now: Version) -> bool:
    return (last.major, last.minor) == (now.major, now.minor)


def _revisions(root: Path, tag: str, folder: str, *, is_patch: bool) -> Iterator[str]:
    """See that revisions that were released are as they were, since databases have them; a patch brings none."""
    lines = git(root, "diff", "--name-status", "--no-renames", tag, "HEAD", "--", f"{folder}/src").decode().splitlines()
    for status, file in (line.split("\t") for line in lines):
        if "/versions/" not in file:
            continue
        if status != "A":
            yield f"since {tag}: {file} changed or went, and databases have it; bring it back, and write another one"
        elif is_patch:
            yield f"since {tag}: {file} is new, and a patch brings no revision; make it a minor version"


def _face(root: Path, tag: str, last: Version, now: Version) -> Iterator[str]:
    before = _things(git(root, "show", f"{tag}:{FACE}").decode())
    after = _things(git(root, "show", f"HEAD:{FACE}").decode())
    if last.major == now.major:
        gone = sorted(before.keys() - after.keys())
        cure = f"deprecate it until {now.major + 1}.0, or make it that"
        yield from (f"since {tag}: {thing} went; {cure}" for thing in gone)
    if _is_patch(last, now) and before != after:
        yield f"since {tag}: the public face changed, and a patch changes nothing of it; make it a minor version"


def _things(face: str) -> Mapping[str, list[str]]:
    """Return the lines of a face by what they are about, as `def storeroom.Storeroom.run`; overloads have several."""
    found: dict[str, list[str]] = {}
    for line in face.splitlines():
        thing = _PATH.match(line)
        if thing is not None and not line.startswith("#"):
            found.setdefault(thing[0].strip(), []).append(line)
    return found
