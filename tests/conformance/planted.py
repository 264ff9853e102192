"""Faults of what a plugin declares, of its wheel, its verbs and its suite, and the check that each one fails."""

from storeroom.testing import requires
from tests.conformance.shelf import (
    HEAD_FILE,
    INFO,
    MODELS_FILE,
    PLUGIN_FILE,
    REPOSITORY_FILE,
    SUITE_FILE,
    THIRD_FILE,
    Change,
    Fault,
)

PYPROJECT = "pyproject.toml"
RIVAL = "src/storeroom_rival-1.0.dist-info"


def _verb(text: str) -> Change:
    """A verb more in the repository."""
    return Change(REPOSITORY_FILE, "    def open", f"{text}\n    def open")


MANIFEST = [
    Fault(
        "the hook is misspelt",
        [Change(PLUGIN_FILE, "storeroom_manifest", "storeroom_manifesto")],
        "manifest",
        ["has no storeroom_manifest; is it misspelt as 'storeroom_manifesto'", "decorate it with @hookimpl"],
    ),
    Fault(
        "the suite names another plugin",
        [Change(SUITE_FILE, 'plugin = "NAME"', 'plugin = "NAMEs"')],
        "manifest",
        ["no plugin 'shelfs' is installed here; did you mean 'shelf'?", "install its distribution"],
    ),
    Fault(
        "the suite names no plugin",
        [Change(SUITE_FILE, '    plugin = "NAME"\n', "")],
        "manifest",
        ["class TestShelf names no plugin; add plugin = "],
    ),
    Fault(
        "another distribution has its name",
        [
            Change(f"{RIVAL}/METADATA", "", "Metadata-Version: 2.1\nname: storeroom-rival\nVersion: 1.0\n"),
            Change(f"{RIVAL}/entry_points.txt", "", "[storeroom]\nNAME = sr_NAME.plugin\n"),
        ],
        "manifest",
        ["plugin name 'shelf' is claimed by", "storeroom-rival 1.0", "keep one of them, and uninstall"],
    ),
    Fault(
        "it isn't for this core",
        [Change(PLUGIN_FILE, ">=0.1,<1", ">=9")],
        "manifest",
        ["plugin 'shelf' needs storeroom >=9", "install a version of either that fits the other"],
    ),
    Fault(
        "a repository's name isn't its own",
        [Change(REPOSITORY_FILE, '"NAME.pages"', '"pages"')],
        "manifest",
        ["repository name 'pages' of PageRepository isn't for plugin 'shelf' to take", "set name = 'shelf'"],
    ),
    Fault(
        "HEAD is empty",
        [Change(HEAD_FILE, "NAME_0003\n", "")],
        "manifest",
        ["HEAD of plugin 'shelf' holds '' instead of one revision id", "name the last"],
    ),
    Fault(
        "a requirement isn't a dependency",
        [Change(f"{INFO}/METADATA", "Requires-Dist: storeroom-notes\n", "")],
        "dependencies",
        ["doesn't depend on what plugin 'shelf' needs", "- storeroom-notes", "add each to [project] dependencies"],
    ),
    Fault(
        "a relationship leads nowhere",
        [Change(MODELS_FILE, 'back_populates="book"', 'back_populates="volume"')],
        "mappers_configure",
        ["the models of plugin 'shelf' can't be configured", "'volume'", "correct the relationship"],
    ),
    Fault(
        "a hook fails where there are no rows",
        [Change(PLUGIN_FILE, "return []", "return [uow[NameRepository].list()[0]]")],
        "hooks",
        ["hooks of plugin 'shelf' fail on empty tables", "'storeroom_health'", "let them return a list"],
    ),
    Fault(
        "a hook fails where there are rows",
        [Change(PLUGIN_FILE, "return []", "return [{}[book.id] for book in uow[NameRepository].list()]")],
        "hooks",
        ["hooks of plugin 'shelf' fail on filled tables", "'storeroom_health'", "KeyError"],
    ),
]
HEADS = [
    Fault(
        "HEAD isn't a line",
        [Change(HEAD_FILE, "NAME_0003\n", "NAME_0003")],
        "head_is_true",
        ["HEAD of plugin 'shelf' is 'shelf_0003'; let it be one line, 'shelf_0003'"],
    ),
    Fault(
        "HEAD is an earlier revision",
        [Change(HEAD_FILE, "NAME_0003", "NAME_0002")],
        "head_is_true",
        ["HEAD of plugin 'shelf' says 'shelf_0002', but its last revision is 'shelf_0003'; correct HEAD"],
    ),
    Fault(
        "two revisions follow one",
        [Change(THIRD_FILE, 'down_revision = "NAME_0002"', 'down_revision = "NAME_0001"')],
        "head_is_true",
        ["'shelf_0002' and 'shelf_0003' both follow 'shelf_0001'", "set down_revision of one of them to the other"],
    ),
]
WHEELS = [
    Fault(
        "the wheel lacks HEAD",
        [Change(PYPROJECT, "packages", 'exclude = ["HEAD"]\npackages')],
        "wheel",
        ["the wheel of plugin 'shelf' lacks", "- sr_shelf/migrations/HEAD", "[tool.setuptools.package-data]"],
    ),
    Fault(
        "the wheel lacks a revision",
        [Change(PYPROJECT, "packages", 'exclude = ["*_0002.py"]\npackages')],
        "wheel",
        ["the wheel of plugin 'shelf' lacks", "- sr_shelf/migrations/versions/shelf_0002.py"],
    ),
    Fault(
        "the wheel lacks py.typed",
        [Change(PYPROJECT, "packages", 'exclude = ["py.typed"]\npackages')],
        "wheel",
        ["the wheel of plugin 'shelf' lacks", "- sr_shelf/py.typed", "type checkers want the file py.typed"],
    ),
    Fault(
        "the wheel can't be built",
        [Change(PYPROJECT, "hatchling.build", "hatchling.builds")],
        "wheel",
        ["the wheel of plugin 'shelf' can't be built", "'hatchling.builds' is not available", "[build-system]"],
    ),
]
VERBS = [
    Fault(
        "a parameter has no type",
        [Change(REPOSITORY_FILE, "key: int", "key")],
        "verbs_are_typed",
        ["- ShelfRepository.open(key) has no type", "annotate every parameter and the result"],
    ),
    Fault(
        "a verb doesn't say what it returns",
        [Change(REPOSITORY_FILE, "key: int) -> int:", "key: int):")],
        "verbs_are_typed",
        ["- ShelfRepository.open doesn't say what it returns", "a verb returns records, numbers, or sequences"],
    ),
    Fault(
        "a verb returns models",
        [Change(REPOSITORY_FILE, "key: int) -> int:", "key: int) -> list[Book]:")],
        "verbs_are_typed",
        ["- ShelfRepository.open returns the model Book; return a record"],
    ),
    Fault(
        "a verb isn't documented",
        [Change(REPOSITORY_FILE, '"""Count an opening."""', "")],
        "verbs_are_documented",
        ["plugin 'shelf' doesn't document:", "- ShelfRepository.open", "write a docstring"],
    ),
    Fault(
        "a verb sets whatever it is given",
        [_verb('    def change(self, key: int, **fields: object) -> None:\n        """Change a book."""\n')],
        "no_mass_assignment",
        ["- ShelfRepository.change(**fields) takes any name", "name each field as a parameter"],
    ),
    Fault(
        "a verb takes a mapping of whatever",
        [_verb('    def change(self, key: int, changes: dict[str, object]) -> None:\n        """Change a book."""\n')],
        "no_mass_assignment",
        ["- ShelfRepository.change(changes) is a mapping of any names", "as a key of a TypedDict"],
    ),
    Fault(
        "update takes what isn't editable",
        [
            _verb(
                "    def update(self, id: int, /, **fields: object) -> BookRecord:\n"
                '        """Change a book."""\n'
                "        self.uow.connection.execute(update(table).where(table.c.id == id).values(**fields))\n"
                "        return self.get(id)\n"
            )
        ],
        "no_mass_assignment",
        ["- ShelfRepository.update(opened=…) sets what isn't declared as editable"],
    ),
    Fault(
        "a counter is read and then written",
        [
            Change(
                REPOSITORY_FILE,
                "OPEN.affected(self.uow, key=key)",
                "WRITE.affected(self.uow, key=key, value=READ.scalar(self.uow, key=key) + 1)",
            )
        ],
        "no_lost_updates",
        ["'openings are counted': 4 processes did it 25 times each", "write what depends on the row's value as one"],
        need=requires.row_locks,
    ),
    Fault(
        "a verb counts twice",
        [Change(REPOSITORY_FILE, "table.c.opened + 1", "table.c.opened + 2")],
        "no_lost_updates",
        ["the total went from 0 to 200 instead of 100"],
    ),
    Fault(
        "a verb fails where several do it at once",
        [Change(REPOSITORY_FILE, "return OPEN", "raise RuntimeError('no')\n        return OPEN")],
        "no_lost_updates",
        ["race 'openings are counted': processes ended with [1, 1, 1, 1]", "is in the output above"],
    ),
    Fault(
        "the sample leaves a table empty",
        [Change(SUITE_FILE, "        uow[PageRepository].add(book_id=book.id)\n", "")],
        "upgrade_from_empty",
        ["sample() leaves tables of plugin 'shelf' empty", "- 'shelf_pages'", "let it put a row into each of them"],
    ),
    Fault(
        "the sample can't be written",
        [Change(SUITE_FILE, 'add(title="A")', 'add(titel="A")')],
        "upgrade_from_empty",
        ["sample rows of plugin 'shelf' can't be written: FieldUnknown", "tests/test_shelf.py:", "repair sample()"],
    ),
]
