"""Builds what `knowledge` reads. The bot never imports it."""
