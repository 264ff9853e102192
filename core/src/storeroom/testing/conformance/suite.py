"""`Conformance`: the whole suite, which a plugin runs by naming itself."""

from storeroom.testing.conformance.declared import DeclarationTests
from storeroom.testing.conformance.living import LifeTests
from storeroom.testing.conformance.migrating import MigrationTests
from storeroom.testing.conformance.racing import RaceTests
from storeroom.testing.conformance.verbs import VerbTests


class Conformance(DeclarationTests, VerbTests, MigrationTests, LifeTests, RaceTests):
    """What a plugin must pass, on every database; a test that fails says what to do.

    Subclass it in a test module, as `class TestNotes(Conformance)`, and say `plugin = "notes"`. `sample`, `sample_at`,
    `races` and `may_lose` say more of the plugin; see docs/testing.md.
    """
