"""What a distribution that was built must be; each check yields what is wrong, and what to do about it."""

import configparser
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from packaging.metadata import Metadata
from packaging.requirements import Requirement
from packaging.version import Version
from readme_renderer import markdown

from tools.release.building import Built
from tools.release.source import CORE, Distribution

Check = Callable[[Built], Iterator[str]]


def metadata(built: Built) -> Iterator[str]:
    """See that the metadata is valid, says what an index shows, and is the same in the wheel and in the sdist."""
    try:
        parsed = Metadata.from_email(built.metadata, validate=True)
    except ExceptionGroup as group:
        yield from (f"metadata: {error}; correct pyproject.toml" for error in group.exceptions)
        return
    needed = ("summary", "license_expression", "license_files", "requires_python", "keywords", "classifiers")
    for field in needed:
        if not getattr(parsed, field):
            yield f"metadata: there is no {field}; add it to pyproject.toml"
    if built.in_sdist.get("PKG-INFO") != built.metadata:
        yield "metadata: the sdist's PKG-INFO differs from the wheel's; see which files pyproject.toml reads"


def readme(built: Built) -> Iterator[str]:
    """See that the README renders as an index shows it."""
    parsed = Metadata.from_email(built.metadata, validate=False)
    if parsed.description_content_type != "text/markdown":
        yield f"README: its type is {parsed.description_content_type!r}; name README.md in pyproject.toml"
    elif not (markdown.render(parsed.description or "") or "").strip():
        yield "README: it is empty, or doesn't render; write what the distribution is for"


def contents(built: Built) -> Iterator[str]:
    """See that both hold every file of the package, and the wheel nothing else; licence and types are in it."""
    source = built.distribution.folder / "src"
    expected = {file.relative_to(source).as_posix() for file in source.rglob("*") if file.is_file()}
    package, stem = built.distribution.package, built.stem
    held = {name for name in built.in_wheel if not name.startswith(f"{stem}.dist-info/")}
    yield from (f"wheel: {name} isn't in it; see [tool.hatch.build]" for name in sorted(expected - held))
    yield from (f"wheel: {name} doesn't belong there; see [tool.hatch.build]" for name in sorted(held - expected))
    in_sdist = {name.removeprefix("src/") for name in built.in_sdist if name.startswith("src/")}
    yield from (f"sdist: src/{name} isn't in it; see [tool.hatch.build]" for name in sorted(expected - in_sdist))
    needed = {f"{package}/py.typed", f"{stem}.dist-info/licenses/LICENSE"}
    yield from (f"wheel: there is no {name}" for name in sorted(needed - built.in_wheel.keys()))
    yield from (f"sdist: there is no {name}" for name in sorted({"LICENSE", "README.md"} - built.in_sdist.keys()))


def revisions(built: Built) -> Iterator[str]:
    """See that HEAD is there, and names a revision that is there too."""
    heads = [name for name in built.in_wheel if name.endswith("/HEAD")]
    if len(heads) != 1:
        yield f"revisions: there are {len(heads)} files HEAD, and one is needed; storeroom revision writes it"
    for name in heads:
        head = built.in_wheel[name].decode().strip()
        file = f"{name.removesuffix('HEAD')}versions/{head}.py"
        if file not in built.in_wheel:
            yield f"revisions: HEAD is {head}, and there is no {file}"


def entry_points(built: Built) -> Iterator[str]:
    """See that a plugin has its entry point, and core the command's, and that each leads to a module."""
    parser = configparser.ConfigParser(delimiters=("=",))
    parser.read_string(built.in_wheel.get(f"{built.stem}.dist-info/entry_points.txt", b"").decode())
    plugin = built.distribution.plugin
    group, name = ("console_scripts", CORE) if plugin is None else (CORE, plugin)
    found = dict(parser[group]) if group in parser else {}
    if list(found) != [name]:
        yield f"entry points: [{group}] has {', '.join(found) or 'nothing'}, and should have {name}"
    for value in found.values():
        path = value.partition(":")[0].replace(".", "/")
        if not {f"{path}.py", f"{path}/__init__.py"} & built.in_wheel.keys():
            yield f"entry points: {value} isn't in the wheel"


def same_from_sdist(built: Built) -> Iterator[str]:
    """See that the wheel that is built from the sdist is the one that is built from the tree."""
    if built.wheel.read_bytes() != built.wheel_of_sdist.read_bytes():
        yield "sdist: the wheel that is built from it is another; see what the sdist leaves out"


CHECKS: Sequence[Check] = (metadata, readme, contents, revisions, entry_points, same_from_sdist)


def of_nowhere(built: Built, places: Sequence[Path]) -> Iterator[str]:
    """See that no file tells where it was built."""
    needles = [str(place).encode() for place in places]
    for kind, files in (("wheel", built.in_wheel), ("sdist", built.in_sdist)):
        for name, content in files.items():
            yield from (f"{kind}: {name} has the path {needle.decode()}" for needle in needles if needle in content)


def reproducible(built: Built, again: Built) -> Iterator[str]:
    """See that a second build, elsewhere, gave the same bytes."""
    for one, other in ((built.sdist, again.sdist), (built.wheel, again.wheel)):
        if one.read_bytes() != other.read_bytes():
            yield f"{one.name}: a second build gave another file; nothing that is built may depend on time or place"


def versions(built: Built, every: Sequence[Distribution]) -> Iterator[str]:
    """See that what it requires of the others takes the versions that they have, and no next major one."""
    known = {each.name: each.version for each in every}
    for text in Metadata.from_email(built.metadata, validate=False).requires_dist or ():
        requirement = Requirement(str(text))
        version = known.get(requirement.name)
        if version is None:
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            yield f"versions: it requires {requirement}, and {requirement.name} is {version}"
        following = version.major + 1
        if requirement.specifier.contains(Version(f"{following}.0")):
            yield f"versions: it requires {requirement}, which takes the next major version as well; add <{following}"
    if built.distribution.plugin is not None and CORE not in _required(built):
        yield f"versions: it doesn't require {CORE}; add it to its dependencies"


def _required(built: Built) -> set[str]:
    texts = Metadata.from_email(built.metadata, validate=False).requires_dist or ()
    return {Requirement(str(text)).name for text in texts}
