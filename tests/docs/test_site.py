"""The documentation site builds without a warning, with every page in its place, and loads nothing from elsewhere."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from tests.docs.snippets import PAGES, ROOT

# What a browser fetches by itself, and the attribute that says from where.
FETCHED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src", "object": "data"}
# Material's script fetches mermaid where a page has this class, and asks a forge about a repository that is shown.
FETCHING = re.compile(r'class="[^"]*\bmermaid\b|data-md-component="source"')
# In style sheets, which also name what their licences are; a namespace isn't fetched.
IN_STYLES = re.compile(r"(?:@import\s*|url\(\s*)[\"']?(?:https?:)?//[^)\"']*")


class Resources(HTMLParser):
    """The addresses that a page makes a browser fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value for name, value in attrs if name == FETCHED.get(tag) and value]


def fetched_from_elsewhere(site: Path) -> Iterator[tuple[str, str]]:
    for file in site.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        yield from ((file.name, each) for each in Resources(text).addresses if re.match(r"(https?:)?//", each))
        yield from ((file.name, each) for each in FETCHING.findall(text))
    for file in site.rglob("*.css"):
        yield from ((file.name, each) for each in IN_STYLES.findall(file.read_text(encoding="utf-8")))


def test_the_site_builds_strictly_and_needs_no_network(tmp_path: Path) -> None:
    # Not --quiet, with which mkdocs takes warnings for none.
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    environ = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(words, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    pages = [f"{page.removeprefix('docs/').removesuffix('.md')}.html" for page in PAGES if page != "README.md"]
    assert [page for page in [*pages, "index.html"] if not (tmp_path / "site" / page).exists()] == []
    assert list(fetched_from_elsewhere(tmp_path / "site")) == []
