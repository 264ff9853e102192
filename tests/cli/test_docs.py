"""`storeroom docs`: the reference of what is installed here, and of what a database holds of it."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, Numeric, Table, make_url

from storeroom.reference.tables import diagram
from storeroom.testing import requires
from tests.cli.conftest import Cli
from tests.support.dialects import spelled
from tests.support.distributions import forget_modules
from tests.support.plugins import PluginMaker

RELATED = """
    from sqlalchemy import ForeignKey, String, UniqueConstraint
    from sr_alpha.models import Table1 as Alpha

    class Detail(Base):
        __tablename__ = "beta_details"
        id: Mapped[int] = mapped_column(ForeignKey(Alpha.id, ondelete="CASCADE"), primary_key=True)

    class Entry(Base):
        __tablename__ = "beta_entries"
        __table_args__ = (UniqueConstraint("code", "beta_id"),)
        id: Mapped[int] = mapped_column(primary_key=True)
        code: Mapped[str] = mapped_column(String(8), unique=True)
        beta_id: Mapped[int | None] = mapped_column(ForeignKey(Table1.id, ondelete="SET NULL"))
"""
VERBS = """
    from collections.abc import Sequence

    def count(self, word: str, *, at_most: int | None = None) -> Sequence[int]:
        '''Count a word. Not more often than so.'''

    @property
    def others(self) -> BaseRepository:
        '''Its others.'''

    AlphaRepository.count = count
    AlphaRepository.others = others
"""
SPECIFIES = """
    from storeroom import hookspec

    class Specified:
        @hookspec
        def alpha_seen(self, word: str) -> None:
            '''Tell that a word was seen. It has been.'''
"""


def section(document: str, heading: str) -> str:
    """What stands below a heading, to the next one of its level or above."""
    level = len(heading) - len(heading.lstrip("#"))
    _, found, rest = f"\n{document}".partition(f"\n{heading}\n")
    assert found, f"no {heading!r} in {document}"
    return re.split(rf"^#{{1,{level}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> Sequence[Sequence[str]]:
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in text.splitlines() if line[:1] == "|"]


@pytest.fixture(autouse=True)
def only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOREROOM_ALLOW", "alpha,beta,notes,tags")


def test_tells_what_is_installed_without_a_database(cli: Cli, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", version="2.5", plugin_code=VERBS, core=">=0.1")
    outcome = cli("docs")
    assert (outcome.code, outcome.err) == (0, "")
    overview = section(outcome.out, "# What is installed")
    assert ["[`alpha`](#plugin-alpha)", "storeroom-alpha", "2.5", "–", "`alpha`"] in rows(overview)
    assert ["[`tags`](#plugin-tags)", "storeroom-tags", "0.1.0", "`notes`", "`tags`"] in rows(overview)
    assert "## The database" not in outcome.out
    alpha = section(outcome.out, "## Plugin `alpha`")
    assert "From storeroom-alpha 2.5" in alpha
    assert "for storeroom `>=0.1`; its last revision is `alpha_0001`" in alpha
    assert "- `count(word: str, *, at_most: int | None = None) -> Sequence[int]`: Count a word.\n" in alpha
    assert "- `others -> BaseRepository`: Its others.\n" in alpha
    tags = section(outcome.out, "## Plugin `tags`")
    assert "requires [`notes`](#plugin-notes)" in tags
    assert '`uow[TagRepository]`, from `storeroom_tags`, or `uow["tags"]`. Tags on notes; a note\'s tags go' in tags


def test_a_model_repository_lists_what_it_allows_and_the_generic_verbs_that_it_has(cli: Cli) -> None:
    out = cli("docs").out
    notes = section(out, "#### `NoteRepository`")
    assert "Over the table `notes`; returns `NoteRecord`" in notes
    assert "- `write(text: str) -> NoteRecord`" in notes
    names = re.findall(r"`(\w+)`", notes.partition("[generic verbs](#generic-verbs):")[2])
    assert {"get", "page", "add_many"} <= set(names)
    assert {"upsert", "upsert_many", "prune", "write"} & set(names) == set()
    described = re.findall(r"^- `(\w+)\(", section(out, "## Generic verbs"), re.MULTILINE)
    assert set(names) | {"upsert", "upsert_many", "prune"} <= set(described)


def test_tables_are_shown_with_their_keys_and_relations(cli: Cli, make_plugin: PluginMaker) -> None:
    make_plugin("alpha")
    make_plugin("beta", requires=["alpha"], model_code=RELATED)
    beta = section(cli("docs").out, "## Plugin `beta`")
    (drawn,) = re.findall(r"```mermaid\nerDiagram\n(.*?)```", beta, re.DOTALL)
    lines = [line.strip() for line in drawn.splitlines()]
    assert 'alpha ||--o| beta_details : "id"' in lines, "of which there is one at most"
    assert 'beta |o--o{ beta_entries : "beta_id"' in lines, "which may be without"
    assert lines[lines.index("beta_entries {") :][:4] == ["beta_entries {", "INTEGER id PK", "INTEGER beta_id FK", "}"]
    assert "INTEGER id PK, FK" in lines
    entries = section(beta, "#### Table `beta_entries`")
    assert rows(entries) == [
        ["column", "SQLite", "PostgreSQL", "NULL", "key"],
        ["---", "---", "---", "---", "---"],
        ["`id`", "INTEGER", "INTEGER", "", "primary key"],
        ["`code`", "VARCHAR(8)", "VARCHAR(8)", "", "unique"],
        ["`beta_id`", "INTEGER", "INTEGER", "yes", "→ `beta.id`, SET NULL"],
    ]
    assert "Unique together: `code`, `beta_id`." in entries


def test_names_are_such_as_mermaid_takes() -> None:
    odd = Table("odd", MetaData(), Column("2nd place", Numeric(10, 2), primary_key=True))
    assert diagram([odd]).splitlines()[1:] == ["    odd {", "        NUMERIC(10_2) _2nd_place PK", "    }"]


def test_hooks_are_told_of_who_specifies_them_and_who_implements_them(cli: Cli, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", plugin_code=SPECIFIES, manifest_code="hookspecs=Specified")
    make_plugin("beta")
    for name, hook in (("alpha", "alpha_seen"), ("beta", "alpha_seen"), ("beta", "gamma_seen")):
        with (make_plugin.site / f"sr_{name}" / "plugin.py").open("a") as file:
            file.write(f"\n@hookimpl(optionalhook=True)\ndef {hook}(word):\n    '''See for {name}. Or don't.'''\n")
    out = cli("docs").out
    alpha, beta = section(out, "## Plugin `alpha`"), section(out, "## Plugin `beta`")
    assert section(alpha, "### Hooks that it specifies").strip() == (
        "- `alpha_seen(word: str) -> None`: Tell that a word was seen."
    )
    assert section(alpha, "### Hooks that it implements").strip() == "- `alpha_seen`: See for alpha."
    assert section(beta, "### Hooks that it implements").strip().splitlines() == [
        "- `alpha_seen`: See for beta.",
        "- `gamma_seen`: See for beta. Nobody here specifies it.",
    ]


@pytest.mark.parametrize("words", [[], ["--url", "sqlite://"]], ids=["without a database", "with one"])
def test_what_is_kept_out_is_told_with_its_cause(
    cli: Cli, make_plugin: PluginMaker, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    make_plugin("alpha", core=">=7")
    make_plugin("beta", revisions=["*not python"])
    monkeypatch.setenv("STOREROOM_STRICT", "true")
    monkeypatch.setenv("STOREROOM_DENY", "tags")
    outcome = cli("docs", *words)
    assert outcome.code == 0
    kept = {row[0]: row[1:] for row in rows(section(outcome.out, "## Kept out"))}
    assert kept["`alpha`"][:2] == ["storeroom-alpha 1.0", "quarantined"]
    assert "needs storeroom \\>=7" in kept["`alpha`"][2]
    assert kept["`beta`"][1] == "quarantined"
    assert kept["`tags`"] == ["storeroom-tags 0.1.0", "denied", "STOREROOM\\_ALLOW or STOREROOM\\_DENY keeps it out"]
    assert "## Plugin `notes`" in outcome.out
    assert "## Plugin `alpha`" not in outcome.out


def test_tells_what_a_database_holds(
    cli: Cli, make_plugin: PluginMaker, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_plugin("alpha", tables=["alpha", "alpha_parts"])
    monkeypatch.setenv("STOREROOM_ALLOW", "alpha,tags,notes")
    assert cli("upgrade", "--url", url).code == 0
    make_plugin("beta")
    monkeypatch.setenv("STOREROOM_ALLOW", "beta,notes")
    monkeypatch.setenv("STOREROOM_URL", url)
    database = section(cli("docs").out, "## The database")
    held = {row[0]: row[1:] for row in rows(database) if len(row) == 5}
    assert held["`notes`"][:3] == ["current", "`notes_0001_create_notes`", "`notes_0001_create_notes`"]
    assert held["`beta`"] == ["pending", "–", "`beta_0001`", "run 'storeroom upgrade'"]
    assert held["`alpha`"][:3] == ["denied", "`alpha_0002`", "–"]
    assert ["`alpha`", "`alpha`, `alpha_parts`"] in rows(database)
    assert ["`tags`", "`tags`"] in rows(database)
    assert [row for row in rows(database) if row[1:] == ["`notes`"]] == []


def test_a_plugin_that_is_gone_and_one_that_is_behind_its_tables(
    cli: Cli, make_plugin: PluginMaker, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as meanwhile:
        other = PluginMaker(make_plugin.site.parent / "other")
        meanwhile.syspath_prepend(str(other.site))
        other("alpha", tables=["alpha"])
        other("beta", revisions=["pass", "pass"], tables=[])
        assert cli("upgrade", "--url", url).code == 0
        forget_modules(other.site)
    make_plugin("beta", revisions=["pass"], tables=[])
    out = cli("docs", "--url", url).out
    held = {row[0]: row[1:] for row in rows(section(out, "## The database")) if len(row) == 5}
    assert held["`alpha`"][:3] == ["orphaned", "`alpha_0001`", "–"]
    assert held["`beta`"][:3] == ["ahead", "`beta_0002`", "–"]
    assert ["`alpha`", "`alpha`"] in rows(section(out, "## The database"))
    assert rows(section(out, "## Kept out"))[2][:3] == ["`beta`", "storeroom-beta 1.0", "quarantined"]


def test_types_are_those_of_the_database(cli: Cli, url: str) -> None:
    types = {row[0]: row[1] for row in rows(section(cli("docs", "--url", url).out, "#### Table `notes`"))}
    assert types["`created_at`"] == spelled(url, sqlite="DATETIME", postgresql="TIMESTAMP WITH TIME ZONE")


def test_an_empty_database_has_nothing_and_a_new_file_is_not_made(cli: Cli, url: str, tmp_path: Path) -> None:
    held = section(cli("docs", "--url", url).out, "## The database")
    if requires.server.met_by(url):
        assert "| `notes` | pending | – |" in held
    file = tmp_path / "new.db"
    assert "It doesn't exist yet" in section(cli("docs", "--url", f"sqlite:///{file}").out, "## The database")
    assert not file.exists()


def test_passwords_are_not_shown(cli: Cli, server_url: str) -> None:
    secret = make_url(server_url).set(password="s3cr3t").render_as_string(hide_password=False)
    outcome = cli("docs", "--url", secret)
    assert outcome.code == 0
    assert "s3cr3t" not in outcome.out + outcome.err
    assert ":***@" in outcome.out


def test_no_database_leaves_it_alone(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOREROOM_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    outcome = cli("docs", "--no-database")
    assert outcome.code == 0
    assert "## The database" not in outcome.out
    assert cli("docs").code == 1
    both = cli("docs", "--no-database", "--url", "sqlite://")
    assert (both.code, both.err) == (2, "storeroom: --no-database and --url were given; give one of them\n")


def test_a_file_holds_what_is_printed(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "made" / "here.md"
    assert cli("docs", "--output", str(file)).out == f"wrote {file}\n"
    assert file.read_text(encoding="utf-8") == cli("docs").out


def test_a_folder_has_a_page_for_each_plugin_and_links_lead_from_one_to_the_other(cli: Cli, tmp_path: Path) -> None:
    assert cli("docs", "--output", str(tmp_path / "site")).code == 0
    texts = {file.name: file.read_text(encoding="utf-8") for file in (tmp_path / "site").iterdir()}
    assert sorted(texts) == ["generic-verbs.md", "index.md", "plugin-notes.md", "plugin-tags.md"]
    links = {link for text in texts.values() for link in re.findall(r"\]\(([^)]+)\)", text)}
    assert links == {"generic-verbs.md", "plugin-notes.md", "plugin-tags.md"}
    assert re.findall("^# .*$", texts["plugin-tags.md"], re.MULTILINE) == ["# Plugin `tags`"]


def test_the_page_of_a_plugin_that_is_gone_goes(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path = tmp_path / "pages"
    cli("docs", "--output", str(tmp_path))
    (tmp_path / "plugin-mine.md").write_text("# Mine\n")
    monkeypatch.setenv("STOREROOM_DENY", "tags")
    assert f"removed {tmp_path / 'plugin-tags.md'}\n" in cli("docs", "--output", str(tmp_path)).out
    assert sorted(file.name for file in tmp_path.glob("plugin-*")) == ["plugin-mine.md", "plugin-notes.md"]


def test_links_within_one_page_lead_to_headings(cli: Cli) -> None:
    out = cli("docs").out
    links = set(re.findall(r"\]\(#([^)]+)\)", out))
    headings = {re.sub(r"[^\w -]", "", text).lower().replace(" ", "-") for text in re.findall("^#+ (.*)$", out, re.M)}
    assert links
    assert links <= headings


def test_a_place_that_cannot_be_written_is_named(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    outcome = cli("docs", "--output", str(tmp_path / "taken" / "here.md"))
    assert outcome.code == 2
    assert re.fullmatch(r"storeroom: .*taken/here\.md can't be written: .*; give --output another place\n", outcome.err)
