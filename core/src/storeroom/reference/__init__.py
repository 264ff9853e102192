"""The reference of an installation: what is installed, what it offers, and what a database holds of it."""
