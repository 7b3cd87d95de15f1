"""The database: events in, messages out, what conversations remember, who did what. `work.py` is the way in."""
