"""What a plugin declares: its manifest, its dependencies, its models, its hooks, and what its wheel holds."""

import re
from collections.abc import Sequence
from importlib.metadata import requires as dependencies_of
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from storeroom.errors import PluginErrors, StoreroomError
from storeroom.migrations.revisions import load_revisions
from storeroom.names import CORE_PLUGIN
from storeroom.registry import HEAD_FILE
from storeroom.testing.conformance.base import Suite
from storeroom.testing.conformance.failing import attempt, fail, fail_listing
from storeroom.testing.conformance.subject import Subject, load_subject
from storeroom.testing.conformance.wheels import held_files


class DeclarationTests(Suite):
    """The tests of what is declared; none needs a database but that of the hooks."""

    def test_manifest(self) -> None:
        """The plugin is installed, and core takes its manifest, and those of the plugins that it requires."""
        if not isinstance(getattr(self, "plugin", None), str):
            fail(f"class {type(self).__name__} names no plugin; add plugin = '<the name of its entry point>'")
        try:
            load_subject(self.plugin)
        except PluginErrors as error:
            fail_listing(f"plugin {self.plugin!r} can't be used", map(str, error.problems), "")
        except StoreroomError as error:
            fail(str(error))

    def test_dependencies(self, declared: Subject) -> None:
        """The distribution depends on storeroom, and on those of the plugins that the manifest requires."""
        needed = {CORE_PLUGIN: CORE_PLUGIN}
        needed |= {each.name: each.candidate.distribution or "" for each in declared.required}
        own = [name for name in declared.plugin.manifest.requires if name in needed]
        distribution = declared.plugin.candidate.distribution or ""
        lines = dependencies_of(distribution) or ()
        listed = {canonicalize_name(Requirement(line).name) for line in lines if "extra ==" not in line}
        missing = [needed[each] for each in [CORE_PLUGIN, *own] if canonicalize_name(needed[each]) not in listed]
        fail_listing(
            f"distribution {distribution!r} doesn't depend on what plugin {declared.name!r} needs",
            missing,
            "add each to [project] dependencies in pyproject.toml, as 'storeroom>=0.1,<1', and install it again",
        )

    def test_mappers_configure(self, declared: Subject) -> None:
        """The models' relationships can be configured, which SQLAlchemy does only when one is first used."""
        attempt(
            f"the models of plugin {declared.name!r} can't be configured",
            declared.configure,
            "correct the relationship that it names",
        )

    def test_head_is_true(self, declared: Subject) -> None:
        """HEAD is one line, and names the last revision; each revision can be taken back."""
        package = declared.migrations
        revisions = attempt(
            f"the revisions of plugin {declared.name!r} can't be used",
            lambda: load_revisions(declared.plugin),
            f"'storeroom revision {declared.name} -m TEXT' writes a revision and {HEAD_FILE} together",
        )
        text = (package.path / HEAD_FILE).read_text(encoding="utf-8")
        if text != f"{package.head}\n":
            fail(f"{HEAD_FILE} of plugin {declared.name!r} is {text!r}; let it be one line, {package.head!r}")
        fail_listing(
            f"revisions of plugin {declared.name!r} have no function downgrade()",
            [repr(each.id) for each in revisions if each.downgrade is None],
            "define it, so that an operator can go back; let it undo what upgrade() does, in the reverse order",
        )

    def test_wheel(self, declared: Subject, tmp_path: Path) -> None:
        """The wheel holds HEAD, every revision, and py.typed; without them an installed plugin is quarantined."""
        package = declared.migrations
        wheel = attempt(
            f"the wheel of plugin {declared.name!r} can't be built",
            lambda: held_files(declared.plugin, tmp_path),
            "install what [build-system] requires in pyproject.toml, such as hatchling, into this environment",
        )
        files = [file for file in package.path.rglob("*") if file.is_file() and "__pycache__" not in file.parts]
        folder = _migrations_folder(declared)
        wanted: Sequence[str] = [*(f"{folder}/{file.relative_to(package.path).as_posix()}" for file in files)]
        root = declared.plugin.module.__name__.partition(".")[0]
        fail_listing(
            f"the wheel of plugin {declared.name!r} lacks",
            sorted({*wanted, f"{root}/py.typed"} - wheel),
            "hatchling takes every file of the package that version control doesn't ignore; with setuptools, say "
            "[tool.setuptools.package-data] '*' = ['HEAD', 'py.typed']; type checkers want the file py.typed, empty",
        )

    def test_hooks(self, subject: Subject, url: str) -> None:
        """What the plugin implements of core's hooks gives an answer, on empty tables and on filled ones."""
        with subject.open(url) as room:
            for state in ("empty", "filled"):
                if state == "filled":
                    self.filled(subject, room)
                errors = [*room.health().errors, *room.prune(dry_run=True).errors]
                fail_listing(
                    f"hooks of plugin {subject.name!r} fail on {state} tables",
                    map(str, errors),
                    "let them return a list, an empty one where there is nothing to say",
                )


def _migrations_folder(subject: Subject) -> str:
    name = subject.plugin.manifest.migrations or ""
    return re.sub(r"\.", "/", name)
