"""What may be asked for: each word that can't be used is refused by name, and nothing is written."""

import sys
from pathlib import Path

import pytest

from storeroom.cli.new.names import model_for
from tests.cli.conftest import Cli
from tests.support.plugins import PluginMaker

LONG = "a" * 41


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["Shelf"], "plugin name 'Shelf' can't be used; choose lower-case letters and digits, a letter first"),
        (["my_shelf"], "plugin name 'my_shelf' can't be used"),
        (["a" * 21], "has 21 characters; choose at most 20"),
        (["storeroom"], "plugin name 'storeroom' is core's own; choose another"),
        (["notes"], "plugin name 'notes' is that of a plugin which is installed; choose another"),
        (["shelf", "--model=book"], "model 'book' isn't a class's name; write it as in Book or BookCopy"),
        (["shelf", "--model=Book_Copy"], "isn't a class's name"),
        (["shelf", f"--model={LONG.title()}"], "has 41 characters; choose at most 30"),
        (["shelf", "--model=Record"], "model 'Record' is the name of something else"),
        (["shelf", "--model=None"], "model 'None' is the name of something else"),
        (["shelf", "--model=TestBook"], "would be taken for tests by pytest"),
        (["shelf", "--fields= , "], "there are no fields; write one at least, as title:text"),
        (["shelf", "--fields=title"], "field 'title' can't be understood; write a name and a type, as title:text"),
        (["shelf", "--fields=title:text:x"], "field 'title:text:x' can't be understood"),
        (["shelf", "--fields=Title:text"], "field name 'Title' can't be used; choose lower-case letters"),
        (["shelf", f"--fields={LONG}:text"], "has 41 characters; choose at most 40"),
        (["shelf", "--fields=id:integer"], "field name 'id' is that of a column which every model here has"),
        (["shelf", "--fields=version:integer"], "field name 'version' is that of a column"),
        *(
            (["shelf", f"--fields={name}:text"], f"field name {name!r} means something else")
            for name in ("class", "metadata", "json", "datetime", "xmin", "model_dump_all", "limit_is", "self")
        ),
        (["shelf", "--fields=a:text a:json"], "field 'a' is there twice; give each its own name"),
        (["shelf", "--fields=a:textt"], "field 'a' has no type 'textt'; did you mean 'text'?"),
        (["shelf", "--fields=a:xyz"], "has no type 'xyz'; there are text, integer, number, boolean, time, json"),
        (["shelf", "--fields=a:text?!"], "field 'a:text?!': give one mark, ? or !; a key is never empty"),
        (["shelf", "--fields=a:json!"], "'a:json!': json can't be a key; mark one of text, integer, boolean, time"),
        (["shelf", "--fields=a:float!"], "field 'a:float!': number can't be a key"),
        (["shelf", f"--fields={' '.join(f'{each}:text!' for each in 'abcdef')}"], "6 fields are marked with !"),
        (["shelf", f"--fields={'a' * 30}:text! {'b' * 30}:text!"], "the name of the key's constraint would be"),
        (["shelf", "--license=MIP"], "licence 'MIP' isn't known here; did you mean 'MIT'?"),
        (["shelf", "--license=x"], "choose one of MIT, Apache-2.0, BSD-3-Clause, proprietary"),
        (["shelf", "--holder= "], "holder ' ' isn't a line of text; name a person, or a group of people"),
        (["shelf", "--holder=a\nb"], "isn't a line of text"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_what_cannot_be_used_is_refused_by_name(cli: Cli, tmp_path: Path, words: list[str], says: str) -> None:
    outcome = cli("new", "--defaults", f"--into={tmp_path}", *words)
    assert outcome.code == 2
    assert says in outcome.err
    assert len(outcome.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_denied_is_taken_all_the_same(
    cli: Cli, tmp_path: Path, make_plugin: PluginMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_plugin("alpha")
    monkeypatch.setenv("STOREROOM_DENY", "alpha")
    assert "is that of a plugin which is installed" in cli("new", "alpha", "--defaults", f"--into={tmp_path}").err


def test_without_a_terminal_the_options_that_lack_are_named(cli: Cli, tmp_path: Path) -> None:
    outcome = cli("new", "shelf", "--model=Book", f"--into={tmp_path}")
    assert outcome.code == 2
    assert outcome.err == (
        "storeroom: there is no terminal to ask at; give --fields, --license, --holder, or --defaults for what isn't "
        "given\n"
    )


def test_without_a_terminal_options_are_enough(cli: Cli, tmp_path: Path) -> None:
    options = ["--model=Book", "--fields=title:text", "--license=mit", "--holder=Ada"]
    outcome = cli("new", "shelf", *options, f"--into={tmp_path}")
    assert (outcome.code, outcome.err) == (0, "")
    assert "class Book(Base):" in (tmp_path / "storeroom-shelf/src/storeroom_shelf/models.py").read_text()


def test_defaults_give_a_name_that_is_free(cli: Cli, tmp_path: Path, make_plugin: PluginMaker) -> None:
    make_plugin("shelf")
    assert cli("new", "--defaults", f"--into={tmp_path}", "--json").json["name"] == "shelf2"


def test_it_says_what_to_do_next(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli("new", "shelf", "--defaults").out.splitlines() == [
        "wrote storeroom-shelf",
        "next:",
        "    cd storeroom-shelf",
        "    pip install -e '.[test]'",
        "    pytest",
    ]


def test_a_folder_with_a_blank_is_quoted_and_json_holds_the_same(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "my plugins"
    folder.mkdir()
    assert cli("new", "shelf", "--defaults", f"--into={folder}", "--json").json == {
        "name": "shelf",
        "folder": str(folder / "storeroom-shelf"),
        "revision": "shelf_0001_create_shelf",
        "next": [f"cd '{folder / 'storeroom-shelf'}'", "pip install -e '.[test]'", "pytest"],
    }


@pytest.mark.parametrize(
    ("plugin", "model"),
    [("notes", "Note"), ("shelf", "Shelf"), ("status", "Status"), ("glass", "Glass"), ("records", "Item")],
)
def test_a_plugins_name_suggests_a_model(plugin: str, model: str) -> None:
    assert model_for(plugin) == model


def test_without_jinja_it_says_what_to_install(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    monkeypatch.delitem(sys.modules, "storeroom.cli.new.rendering", raising=False)
    outcome = cli("new", "shelf", "--defaults", f"--into={tmp_path}")
    assert outcome.code == 2
    assert outcome.err == "storeroom: storeroom new needs jinja2; pip install 'storeroom[cli]'\n"
    assert list(tmp_path.iterdir()) == []
