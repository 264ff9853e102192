"""Two authors branch from one revision: git tells them when they merge, and Storeroom whoever comes after."""

import os
import subprocess
from collections.abc import Callable

import pytest

from storeroom.errors import MigrationsInvalid, PluginError
from storeroom.migrations.state import State
from tests.migrations.authoring import write
from tests.migrations.installations import heads, installed, query, upgrade
from tests.support.distributions import forget_modules
from tests.support.plugins import PluginMaker, create_table

pytestmark = pytest.mark.dear

COLUMN = "    {0}: Mapped[int | None]\n"
ONE, TWO = "alpha_0002_add_one", "alpha_0002_add_two"


class Checkout:
    """The authors' repository: a project with one plugin of two tables, in one folder."""

    def __init__(self, make_plugin: PluginMaker) -> None:
        self.site = make_plugin.site
        tables = ["alpha", "alpha_more"]
        revision = "\n".join(create_table(name) for name in tables)
        self.migrations = make_plugin("alpha", tables=tables, revisions=[revision]) / "migrations"
        self.models = self.migrations.parent / "models.py"
        self.head = self.migrations / "HEAD"
        self.git("init")
        self._commit()

    def git(self, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """Run git as somebody whose own settings don't matter."""
        who = ("-c", "user.name=Author", "-c", "user.email=author@example.org", "-c", "init.defaultBranch=main")
        environ = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        return subprocess.run(
            ["git", *who, *arguments], cwd=self.site, env=environ, check=check, capture_output=True, text=True
        )

    def branch(self, name: str, change: Callable[[str], str], message: str = "Add {0}") -> None:
        """Change the models on a branch from the first revision, and write the revision."""
        self.git("checkout", "-b", name, "main")
        self.models.write_text(change(self.models.read_text()))
        write(self.site, "alpha", message.format(name))
        self._commit()

    def conflicts(self) -> list[str]:
        """The files in which git found a conflict."""
        return self.git("diff", "--name-only", "--diff-filter=U").stdout.split()

    def _commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--message", "Change it")

    def move(self, revision: str, after: str) -> None:
        """Put a revision after another one, and name it in HEAD."""
        file = self.migrations / f"versions/{revision}.py"
        text = file.read_text()
        assert 'down_revision = "alpha_0001"' in text
        file.write_text(text.replace('down_revision = "alpha_0001"', f'down_revision = "{after}"'))
        self.head.write_text(f"{revision}\n")


def merge(make_plugin: PluginMaker, message: str) -> Checkout:
    """Get into a merge of two branches, each of which adds a column to another table."""
    checkout = Checkout(make_plugin)
    more = "\n\n\nclass Table2"
    checkout.branch("one", lambda text: text.replace(more, f"\n{COLUMN.format('one')}{more[1:]}"), message)
    checkout.branch("two", lambda text: text + COLUMN.format("two"), message)
    merged = checkout.git("merge", "one", check=False)
    assert merged.returncode == 1, merged.stdout + merged.stderr
    forget_modules(checkout.site)
    make_plugin("good")
    return checkout


@pytest.fixture
def merging(make_plugin: PluginMaker) -> Checkout:
    return merge(make_plugin, "Add {0}")


def cause(url: str) -> PluginError:
    """See that only this plugin is left out, with and without an upgrade, and return why."""
    with installed(url, "alpha", "good") as installation:
        installation.status()
        quarantined = installation.registry.quarantined["alpha"].error
    with installed(url, "alpha", "good") as installation:
        installation.upgrade()
        assert list(installation.registry.plugins) == ["good"]
        states = {each.name: each.state for each in installation.status() if each.state is not State.DENIED}
        assert states == {"storeroom": State.CURRENT, "good": State.CURRENT, "alpha": State.QUARANTINED}
        error = installation.registry.quarantined["alpha"].error
    assert (type(error), str(error)) == (type(quarantined), str(quarantined))
    assert heads(url) == {"good": "good_0001"}
    return error


def test_the_merge_stops_at_head(merging: Checkout) -> None:
    assert merging.conflicts() == ["sr_alpha/migrations/HEAD"]
    assert {file.stem for file in merging.migrations.glob("versions/*.py")} == {"alpha_0001", ONE, TWO}
    text = merging.models.read_text()
    assert all(COLUMN.format(name) in text for name in ("one", "two"))


def test_two_of_one_name_are_a_conflict_in_the_file(make_plugin: PluginMaker, sqlite_url: str) -> None:
    checkout = merge(make_plugin, "Add a column")
    assert checkout.conflicts() == ["sr_alpha/migrations/versions/alpha_0002_add_a_column.py"]
    error = cause(sqlite_url)
    assert isinstance(error, MigrationsInvalid)
    assert "the revisions of plugin 'alpha' can't be read: " in str(error)
    assert "alpha_0002_add_a_column.py" in str(error)
    assert "repair the file" in str(error)


def test_a_head_with_conflict_markers_is_refused(merging: Checkout, url: str) -> None:
    assert merging.head.read_text().startswith("<<<<<<<")
    error = cause(url)
    assert isinstance(error, MigrationsInvalid)
    assert f"HEAD of plugin 'alpha' holds '<<<<<<< HEAD {TWO} ======= {ONE} >>>>>>> one' instead of one" in str(error)
    assert "after a merge, put the two revisions into one line and name the last" in str(error)


@pytest.mark.parametrize("side", [ONE, TWO])
def test_a_merge_that_only_chose_one_side_of_head_is_refused(merging: Checkout, url: str, side: str) -> None:
    merging.head.write_text(f"{side}\n")
    error = cause(url)
    assert isinstance(error, MigrationsInvalid)
    assert repr(ONE) in str(error)
    assert repr(TWO) in str(error)
    assert "'alpha_0001'" in str(error)
    assert "down_revision" in str(error)
    assert "HEAD" in str(error)


def test_two_revisions_in_one_line(merging: Checkout, url: str, new_database: Callable[[], str]) -> None:
    """As the error asks for: a new database gets both, and one that had the first gets the second."""
    merging.git("checkout", "--force", "one")
    assert upgrade(url, "alpha") == ["alpha_0001", ONE]
    merging.git("merge", "two", check=False)
    merging.move(TWO, after=ONE)
    for each, applied in ((url, [TWO]), (new_database(), ["alpha_0001", ONE, TWO])):
        forget_modules(merging.site)
        assert upgrade(each, "alpha") == applied
        assert heads(each) == {"alpha": TWO}
        assert query(each, "SELECT one, two FROM alpha, alpha_more") == []
