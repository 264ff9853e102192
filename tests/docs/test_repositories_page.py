"""The page on repositories, run as one program, with the plugin that it declares."""

import importlib
from pathlib import Path

from storeroom import Storeroom
from tests.docs.snippets import blocks
from tests.migrations.authoring import write
from tests.support.distributions import install

PLUGIN = """
from storeroom import Manifest, hookimpl

from shelf_page.models import Base, BookRepository


@hookimpl
def storeroom_manifest():
    return Manifest(models=Base, migrations="shelf_page.migrations", repositories=[BookRepository])
"""


def test_the_page_runs_as_one_program(url: str, site: Path) -> None:
    declared, *rest = blocks("docs/repositories.md", "python")
    files = {"shelf_page/__init__.py": "", "shelf_page/models.py": declared, "shelf_page/plugin.py": PLUGIN}
    install(site, "shelf", files, module="shelf_page.plugin")
    write(site, "shelf", "Create shelf")
    names = dict(vars(importlib.import_module("shelf_page.models")))
    with Storeroom.open(url, allow=["shelf"], upgrade=True) as room:
        names["room"] = room
        for block in rest:
            exec(compile(block, "docs/repositories.md", "exec"), names)  # that they run is what is tested
