"""The plugin `providers`: its verbs, their races and their plans."""
