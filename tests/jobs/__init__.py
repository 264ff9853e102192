"""The plugin `jobs`: its verbs, their races and their plans."""
