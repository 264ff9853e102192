"""The files of a distribution, made from the templates."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from storeroom.cli.new import code
from storeroom.cli.new.plan import Plan

_TEMPLATES = Path(__file__).with_name("templates")


def render(plan: Plan) -> Mapping[str, str]:
    """Return the text of each file, by its path in the distribution's folder; the same plan gives the same texts."""
    return {
        path: _environment().get_template(template).render(plan=plan, code=code) if template else ""
        for path, template in _files(plan).items()
    }


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(),  # which is off for all but HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["toml"] = _toml
    return environment


def _files(plan: Plan) -> Mapping[str, str]:
    """Return the template of each file; none for one that is empty."""
    package = f"src/{plan.package}"
    modules = ("__init__", "models", "records", "repository", "plugin")
    tests = ("conftest", "test_conformance", "test_repository")
    return {
        ".gitignore": "gitignore.jinja",
        "LICENSE": f"licenses/{plan.license}.jinja",
        "README.md": "README.md.jinja",
        "pyproject.toml": "pyproject.toml.jinja",
        **{f"{package}/{name}.py": f"package/{name}.py.jinja" for name in modules},
        f"{package}/py.typed": "",
        f"{package}/migrations/HEAD": "migrations/HEAD.jinja",
        f"{package}/migrations/versions/{plan.revision}.py": "migrations/revision.py.jinja",
        **{f"tests/{name}.py": f"tests/{name}.py.jinja" for name in tests},
    }


def _toml(text: str) -> str:
    """Return text as a string of TOML, which has JSON's escapes."""
    return json.dumps(text, ensure_ascii=False)
