"""A plugin that can't be used is kept out with its cause; the others work."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from storeroom.errors import (
    CoreVersionMismatch,
    HookInvalid,
    ManifestInvalid,
    NameNotOwned,
    PluginError,
    PluginImportFailed,
    RequirementMissing,
)
from tests.registry.making import IMPORTS, check_bad_is_out, manifest, room_with, write_plugin
from tests.support.plugins import PluginMaker

REPOSITORY = "type('R', (BaseRepository,), {'name': %r})"


CODE: Mapping[str, tuple[str, type[PluginError], tuple[str, ...]]] = {
    "import-error": (
        "import nowhere",
        PluginImportFailed,
        ("storeroom-bad 1.0", "No module named 'nowhere'", "repair or uninstall the distribution, or deny"),
    ),
    "syntax-error": ("def", PluginImportFailed, ("SyntaxError",)),
    "lazy-import-fails": (
        "def __getattr__(name): raise ModuleNotFoundError('gone')",
        PluginImportFailed,
        ("looking at", "ModuleNotFoundError: gone"),
    ),
    "error-without-a-text": (
        "class Mute(Exception):\n    def __str__(self): raise ValueError\nraise Mute",
        PluginImportFailed,
        ("raised Mute;",),
    ),
    "exit-at-import": ("raise SystemExit(3)", PluginImportFailed, ("SystemExit: 3",)),
    "no-manifest": ("", ManifestInvalid, ("has no storeroom_manifest; define one and decorate it with @hookimpl",)),
    "manifest-undecorated": (
        manifest().replace("@hookimpl", ""),
        ManifestInvalid,
        ("isn't marked as a hook; decorate it with @hookimpl",),
    ),
    "manifest-misspelt": (
        manifest().replace("storeroom_manifest", "storeroom_manifset"),
        ManifestInvalid,
        ("has no storeroom_manifest; is it misspelt as 'storeroom_manifset'; define one",),
    ),
    "manifest-raises": (manifest("core=1/0"), ManifestInvalid, ("raised ZeroDivisionError", "repair it, or deny")),
    "manifest-exits": (manifest("core=exit(1)"), ManifestInvalid, ("raised SystemExit: 1",)),
    "manifest-is-nonsense": (
        manifest().replace("Manifest()", "{'core': '>=0.1'}"),
        ManifestInvalid,
        ("returned {'core': '>=0.1'}; it must return a storeroom.Manifest",),
    ),
    "manifest-of-wrong-kinds": (
        manifest("requires='good'"),
        ManifestInvalid,
        ("TypeError: requires='good' in a manifest can't be used; give a list of plugin names",),
    ),
    "hook-misspelt": (
        manifest() + "@hookimpl\ndef storeroom_helth(uow): ...",
        HookInvalid,
        ("nobody specifies 'storeroom_helth'; did you mean 'storeroom_health'?; correct its name",),
    ),
    "hook-with-wrong-arguments": (
        manifest() + "@hookimpl\ndef storeroom_health(uow, color): ...",
        HookInvalid,
        ("storeroom_health", "{'color'}", "take arguments of its specification only"),
    ),
    "hook-is-a-wrapper": (
        manifest() + "@hookimpl(wrapper=True)\ndef storeroom_health(uow):\n    return (yield)",
        HookInvalid,
        ("'storeroom_health' is a wrapper; return a result instead",),
    ),
    "hook-is-an-old-wrapper": (
        manifest() + "@hookimpl(hookwrapper=True)\ndef storeroom_health(uow):\n    yield",
        HookInvalid,
        ("'storeroom_health' is a wrapper",),
    ),
    "hook-of-an-absent-plugin": (
        manifest() + "@hookimpl\ndef absent_event(): ...",
        HookInvalid,
        ("nobody specifies 'absent_event'", "optionalhook=True if its plugin may be absent"),
    ),
    "repository-of-another": (
        manifest(f"repositories=[{REPOSITORY % 'good'}]"),
        NameNotOwned,
        ("repository name 'good' of R isn't for plugin 'bad' to take: set name = 'bad', or 'bad.<part>'",),
    ),
    "repository-that-only-begins-alike": (
        manifest(f"repositories=[{REPOSITORY % 'badly'}]"),
        NameNotOwned,
        ("'badly'",),
    ),
    "repository-with-an-empty-part": (manifest(f"repositories=[{REPOSITORY % 'bad.'}]"), NameNotOwned, ("'bad.'",)),
    "repository-without-a-name": (
        manifest("repositories=[type('R', (BaseRepository,), {})]"),
        NameNotOwned,
        ("repository name None of R",),
    ),
    "repositories-of-one-name": (
        manifest(f"repositories=[{REPOSITORY % 'bad'}, {REPOSITORY % 'bad'}]"),
        ManifestInvalid,
        ("two repositories of plugin 'bad' are named 'bad'; rename one 'bad.<part>'",),
    ),
    "hookspec-of-another": (
        manifest("hookspecs=Specs").replace(
            IMPORTS, IMPORTS + "class Specs:\n    @hookspec\n    def good_event(self): ...\n"
        ),
        NameNotOwned,
        ("hook 'good_event' isn't for plugin 'bad' to specify: call it 'bad_…'",),
    ),
    "hookspecs-without-any": (
        manifest("hookspecs=type('Specs', (), {})"),
        HookInvalid,
        ("mark its specifications with @hookspec",),
    ),
    "core-is-no-specifier": (
        manifest("core='about one'"),
        ManifestInvalid,
        ("core='about one'", "isn't a version specifier; write '>=0.1,<1'"),
    ),
    "core-is-too-old": (
        manifest("core='>=99'"),
        CoreVersionMismatch,
        ("needs storeroom >=99, but", "install a version of either that fits the other"),
    ),
    "requires-what-isnt-installed": (
        manifest("requires=['absent']"),
        RequirementMissing,
        ("requires 'absent', which isn't installed; install its distribution, such as storeroom-absent",),
    ),
    "requires-what-is-denied": (
        manifest("requires=['notes']"),
        RequirementMissing,
        ("requires 'notes', which is denied here; change STOREROOM_ALLOW or STOREROOM_DENY",),
    ),
    "requires-itself": (manifest("requires=['bad']"), ManifestInvalid, ("can't require 'bad'",)),
    "requires-core": (manifest("requires=['storeroom']"), ManifestInvalid, ("can't require 'storeroom'",)),
    "requires-an-impossible-name": (manifest("requires=['A-b']"), ManifestInvalid, ("can't require 'A-b'",)),
    "migrations-without-models": (
        manifest("migrations='bad_plugin'"),
        ManifestInvalid,
        ("models without migrations, or the reverse; give both or neither",),
    ),
}


@pytest.mark.parametrize("case", CODE)
def test_a_broken_module_is_quarantined(site: Path, make_plugin: PluginMaker, tmp_path: Path, case: str) -> None:
    code, error, says = CODE[case]
    make_plugin("good")
    write_plugin(site, "bad", code)
    check_bad_is_out(tmp_path, error, says)


def test_an_import_failure_keeps_the_original_error(site: Path, make_plugin: PluginMaker, tmp_path: Path) -> None:
    make_plugin("good")
    write_plugin(site, "bad", "raise LookupError('gone')")
    cause = check_bad_is_out(tmp_path, PluginImportFailed, ())
    assert isinstance(cause.__cause__, LookupError)


def test_a_version_mismatch_tells_both_sides(site: Path, make_plugin: PluginMaker, tmp_path: Path) -> None:
    make_plugin("good")
    write_plugin(site, "bad", manifest("core='<0.0.1'"))
    cause = check_bad_is_out(tmp_path, CoreVersionMismatch, ())
    assert isinstance(cause, CoreVersionMismatch)
    assert cause.specifier == "<0.0.1"
    assert cause.installed in str(cause)


@pytest.mark.parametrize(
    ("entry_point", "says"),
    [
        ("storeroom-bad.plugin", "importing 'storeroom-bad.plugin' of storeroom-bad 1.0 raised"),
        ("sr_good.models:Base", "is <class 'sr_good.models.Base'> and not a module; correct its entry point"),
        ("sr_good.nowhere", "No module named 'sr_good.nowhere'"),
    ],
)
def test_an_entry_point_that_names_no_module_is_quarantined(
    site: Path, make_plugin: PluginMaker, tmp_path: Path, entry_point: str, says: str
) -> None:
    make_plugin("good")
    write_plugin(site, "bad", manifest())
    (site / "storeroom_bad-1.0.dist-info" / "entry_points.txt").write_text(f"[storeroom]\nbad = {entry_point}\n")
    check_bad_is_out(tmp_path, PluginImportFailed, (says,))


def test_one_module_under_two_names_serves_the_first(site: Path, make_plugin: PluginMaker, tmp_path: Path) -> None:
    make_plugin("good")
    write_plugin(site, "able", manifest())
    write_plugin(site, "bad", manifest())
    (site / "storeroom_bad-1.0.dist-info" / "entry_points.txt").write_text("[storeroom]\nbad = able_plugin\n")
    with room_with(tmp_path, "able", "bad", "good") as room:
        assert list(room.registry.plugins) == ["able", "good"]
        error = room.registry.quarantined["bad"].error
    assert isinstance(error, HookInvalid)
    assert "plugin 'bad' can't be used: its module 'able_plugin' is plugin 'able' as well; give it" in str(error)


def test_quarantines_are_logged_once_with_their_cause(
    site: Path, make_plugin: PluginMaker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_plugin("good")
    write_plugin(site, "bad", "import nowhere")
    check_bad_is_out(tmp_path, PluginImportFailed, ())
    (record,) = [record for record in caplog.records if "quarantined" in record.getMessage()]
    assert (record.name, record.levelname) == ("storeroom.registry", "WARNING")
    assert "plugin bad is quarantined: importing 'bad_plugin'" in record.getMessage()
