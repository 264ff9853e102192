"""The public face of core as a text, one line a thing, so that a change of it is seen, and decided on."""
