"""What a log may hold of a fault: its kind and place. Messages and variables may hold a resident's words."""

import traceback


def trail(error: BaseException) -> str:
    """ "KeyError at bot.py:78 reply > spans.py:61 best_spans": innermost last, no message, no variables."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames]
    return f"{type(error).__name__} at {' > '.join(places)}"
