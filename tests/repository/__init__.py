"""ModelRepository: every verb that isn't bulk, its declarations, pages and statements."""
