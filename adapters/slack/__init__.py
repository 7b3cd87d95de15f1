"""Slack: parse – call – render. `platform.py` is the whole of it; README.md takes an admin from nothing to a bot."""
