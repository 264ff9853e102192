"""Faults of a plugin's revisions, and the check that each one fails."""

from storeroom.testing import requires
from tests.conformance.shelf import FIRST_FILE, MODELS_FILE, SECOND_FILE, THIRD_FILE, Change, Fault

_ADD = "    op.add_column"
_DROP = "    with op.batch_alter_table"


def _first(line: str) -> Change:
    """A line more in the first revision."""
    return Change(FIRST_FILE, "upgrade():\n", f"upgrade():\n    {line}\n")


def _upwards(line: str) -> Change:
    """A line more in the last revision."""
    return Change(THIRD_FILE, _ADD, f"    {line}\n{_ADD}")


def _downwards(line: str) -> Change:
    """A line more on its way back."""
    return Change(THIRD_FILE, _DROP, f"    {line}\n{_DROP}")


UPWARDS = [
    Fault(
        "a revision fails in an empty database",
        [_upwards('op.get_bind().execute(sa.text("SELECT id FROM NAME")).one()')],
        "upgrade_from_empty",
        ["the upgrade of plugin 'shelf' in a new database fails", "'shelf_0003'", "repair the revision"],
    ),
    Fault(
        "a revision makes a table under another name",
        [_upwards('op.create_table("scraps", sa.Column("id", sa.Integer()))')],
        "upgrade_from_empty",
        ["the upgrade of plugin 'shelf' in a new database fails", "'scraps'", "repair the revision"],
    ),
    Fault(
        "a revision makes a table without a model",
        [
            _upwards('op.create_table("NAME_scraps", sa.Column("id", sa.Integer()))'),
            _downwards('op.drop_table("NAME_scraps")'),
        ],
        "ownership",
        ["are in none of its models", "- 'shelf_scraps'", "give each a model, or drop it in a revision"],
        also=["no_drift"],
    ),
    Fault(
        "a revision makes a view",
        [
            _upwards('op.execute("CREATE VIEW NAME_titles AS SELECT title FROM NAME")'),
            _downwards('op.execute("DROP VIEW NAME_titles")'),
        ],
        "ownership",
        ["make what isn't theirs to make", "- view 'shelf_titles'", "nobody could remove them"],
    ),
    Fault(
        "a revision makes a type",
        [
            _upwards("op.execute(\"CREATE TYPE NAME_mood AS ENUM ('good')\")"),
            _downwards('op.execute("DROP TYPE NAME_mood")'),
        ],
        "ownership",
        ["make what isn't theirs to make", "- type 'shelf_mood'", "nobody could remove them"],
        need=requires.server,
    ),
    Fault(
        "the models say more than the revisions",
        [Change(MODELS_FILE, "    opened:", "    author: Mapped[str | None]\n    opened:")],
        "no_drift",
        ["make aren't as its models say", "- column 'author' of 'shelf' is missing", "writes the revision that makes"],
        also=["no_mass_assignment"],
    ),
    Fault(
        "the models want what the tables lack, so that they take no rows",
        [Change(MODELS_FILE, "    opened:", '    author: Mapped[str] = mapped_column(default="")\n    opened:')],
        "no_drift",
        ["make aren't as its models say", "- column 'author' of 'shelf' is missing", "writes the revision that makes"],
    ),
    Fault(
        "a model has an index that no revision makes",
        [Change(MODELS_FILE, "default=0, ", "default=0, index=True, ")],
        "no_drift",
        ["make aren't as its models say", "- index 'ix_shelf_opened' of 'shelf' is missing", "writes the revision"],
    ),
    Fault(
        "a revision fails where there are rows",
        [Change(THIRD_FILE, 'server_default="0", ', ""), Change(MODELS_FILE, ', server_default="0"', "")],
        "upgrade_from_each_revision",
        ["the upgrade of plugin 'shelf' with rows at revision 'shelf_0001' fails", "repair the revision"],
        also=["downgrade_to_each_revision"],
    ),
    Fault(
        "a revision loses rows",
        [_upwards('op.execute("DELETE FROM NAME_pages")')],
        "upgrade_from_each_revision",
        ["from 'shelf_0002' loses rows", "- 'shelf_pages' had 2, and has 0", "carry them over in the revision"],
    ),
    Fault(
        "a revision changes others' rows",
        [_upwards('op.execute("UPDATE notes SET text = upper(text)")')],
        "late_install",
        ["installing plugin 'shelf' changes what isn't its own", "- the rows of 'notes'"],
    ),
    Fault(
        "a revision changes the program's rows",
        [
            _upwards(
                'if sa.inspect(op.get_bind()).has_table("program_orders"):\n'
                '        op.execute("DELETE FROM program_orders")'
            )
        ],
        "late_install",
        ["- the rows of 'program_orders'", "let its revisions change its own tables only"],
    ),
    Fault(
        "an index has a name that is anybody's",
        [
            Change(MODELS_FILE, "import ForeignKey", "import ForeignKey, Index"),
            Change(MODELS_FILE, '"NAME"\n\n', '"NAME"\n    __table_args__ = (Index("by_title", "title"),)\n\n'),
            _upwards('op.create_index("by_title", "NAME", ["title"])'),
            _downwards('op.drop_index("by_title", "NAME")'),
        ],
        "name_collision",
        ["indexes of plugin 'shelf' have names that others may have taken", "- 'by_title'", "'ix_<table>_<columns>'"],
    ),
    Fault(
        "revisions do another thing where there are rows",
        [
            _upwards(
                'if op.get_bind().execute(sa.text("SELECT count(*) FROM NAME")).scalar():\n'
                '        op.create_index("ix_NAME_title", "NAME", ["title"])'
            )
        ],
        "upgrade_from_each_revision",
        ["makes other tables than that from empty", "index 'ix_shelf_title'", "let the revisions do the same"],
    ),
]
DOWNWARDS = [
    Fault(
        "a revision can't be taken back",
        [Change(THIRD_FILE, "def downgrade", "def taken_back")],
        "head_is_true",
        ["have no function downgrade()", "- 'shelf_0003'", "let it undo what upgrade() does"],
        also=["downgrade_to_base", "downgrade_to_each_revision"],
    ),
    Fault(
        "a table is left",
        [Change(FIRST_FILE, 'op.drop_table("NAME")', "pass")],
        "downgrade_to_base",
        ["the downgrade of plugin 'shelf' to 'base' fails", "it leaves 'shelf' behind", "repair downgrade()"],
    ),
    Fault(
        "a type is left",
        [_first("op.execute(\"CREATE TYPE NAME_mood AS ENUM ('good')\")")],
        "downgrade_to_base",
        ["to base leaves", "- type 'shelf_mood'", "let downgrade() of the revision that made it drop it"],
        also=["ownership"],
        need=requires.server,
    ),
    Fault(
        "a column is left",
        [Change(THIRD_FILE, 'batch.drop_column("opened")', "pass")],
        "downgrade_to_each_revision",
        ["makes other tables than the upgrade", "'opened'", "let downgrade() of the revision after it undo"],
    ),
    Fault(
        "the way back fails",
        [Change(SECOND_FILE, 'op.drop_table("NAME_pages")', 'op.drop_table("NAME_page")')],
        "downgrade_to_base",
        ["the downgrade of plugin 'shelf' to 'base' fails", "(line 22 of shelf_0002.py)", "repair downgrade()"],
        also=["downgrade_to_each_revision"],
    ),
    Fault(
        "rows of an absent plugin hold its neighbour's",
        [Change(SECOND_FILE, 'ondelete="SET NULL"', 'ondelete="RESTRICT"')],
        "uninstall_and_return",
        ["which isn't installed, keep those of 'notes'", "let the foreign key say ondelete CASCADE or SET NULL"],
        also=["no_drift"],
    ),
]
