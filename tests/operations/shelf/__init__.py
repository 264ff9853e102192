"""A plugin for the tests of operations: authors, their books, loans by text keys, and tallies that add up."""
