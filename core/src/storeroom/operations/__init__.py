"""What an operator does with all plugins of a database at once: prune, diagnose, adopt."""
