"""The plugin `wanted`: its verbs, their races and their plans."""
