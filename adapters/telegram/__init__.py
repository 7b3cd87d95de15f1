"""Telegram as a chat platform: parse – call – render. README.md takes an admin from nothing to a running bot."""
