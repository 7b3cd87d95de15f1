"""Decides what to say. Knows no platform, no database, no model vendor."""
