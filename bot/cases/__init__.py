"""Consultations: from a resident's wish to an answer by a person of the right desk. Pure; begin with `table.py`."""
