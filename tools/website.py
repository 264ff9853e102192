"""What mkdocs can't do by itself: pages that stand elsewhere in the project, and links to its files.

The README of the project is the site's first page, those of the distributions are pages as well, and a file of source
that a page links to becomes a page that shows it. So every link works on the site and where the files are browsed.
"""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
SOURCES = "sources/"

_LINK = re.compile(r"\]\((?P<path>[^)#:\s]+)(?P<anchor>#[^)\s]*)?\)")
_LANGUAGES = {".py": "python", ".toml": "toml"}


def outside() -> dict[str, str]:
    """Return the pages that stand outside docs/: their places on the site, by their paths in the project."""
    places = {"README.md": "index.md"}
    places |= {f"{name}.md": f"{name.lower()}.md" for name in ("CHANGELOG", "CONTRIBUTING", "RELEASING", "SECURITY")}
    for folder in ("plugins", "examples"):
        for file in sorted(ROOT.glob(f"{folder}/*/README.md")):
            places[file.relative_to(ROOT).as_posix()] = f"{folder}/{file.parent.name}.md"
    return places


def place(path: str) -> str | None:
    """Return where a path of the project is on the site; None where there is no such file."""
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    if (ROOT / path).is_dir():
        path = posixpath.join(path, "README.md")
    if not (ROOT / path).is_file():
        return None
    return outside().get(path) or f"{SOURCES}{path}.md"


def linked_sources(paths: list[str]) -> Iterator[str]:
    """Yield the files of source that these pages link to."""
    for path in paths:
        for match in _LINK.finditer((ROOT / path).read_text(encoding="utf-8")):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), match["path"]))
            if (place(target) or "").startswith(SOURCES):
                yield target


def shown(path: str) -> str:
    """Return the page that shows a file of source."""
    file = ROOT / path
    code = file.read_text(encoding="utf-8").rstrip()
    return f"# {file.name}\n\n`{path}`\n\n````{_LANGUAGES.get(file.suffix, 'text')}\n{code}\n````\n"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that stand outside docs/, and those that show source."""
    docs = [f"docs/{each.src_uri}" for each in files.documentation_pages()]
    for path, uri in outside().items():
        files.append(File.generated(config, uri, content=(ROOT / path).read_text(encoding="utf-8")))
    for path in sorted(set(linked_sources([*docs, *outside()]))):
        page = File.generated(config, f"{SOURCES}{path}.md", content=shown(path))
        page.inclusion = page.inclusion.NOT_IN_NAV
        files.append(page)
    return files


def on_page_markdown(markdown: str, page: Page, **_more: object) -> str:
    """Turn links between the project's files into links between the site's pages."""
    uri = page.file.src_uri
    path = {there: here for here, there in outside().items()}.get(uri, f"docs/{uri}")

    def turned(match: re.Match[str]) -> str:
        target = place(posixpath.normpath(posixpath.join(posixpath.dirname(path), match["path"])))
        if target is None:
            return match[0]
        return f"]({posixpath.relpath(target, posixpath.dirname(uri) or '.')}{match['anchor'] or ''})"

    return _LINK.sub(turned, markdown)
