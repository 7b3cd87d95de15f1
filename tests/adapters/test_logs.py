"""What a log line holds: ours as said, a fault's trail, of libraries only where it came from; no secret ever."""

import io
import json
import logging
import sys
import threading

import pytest
import structlog

from adapters import logs

WORDS = "余市町の山田麗華 090-0000-0000"


@pytest.fixture
def written():
    """Configured for the test; gives the lines written so far."""
    root, hooks = logging.getLogger(), (sys.excepthook, threading.excepthook)
    before = (root.handlers[:], root.level)
    stream = io.StringIO()
    logs.configure(stream, secrets=["xoxb-secret", None, ""])
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], root.level = before
    sys.excepthook, threading.excepthook = hooks
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def fail():
    raise ValueError(WORDS)


def test_our_own_words_and_fields_stand_in_one_line(written):
    structlog.get_logger("adapters.dealing").info("replied", status="answered", ms=12)
    (line,) = written()
    assert (line["event"], line["status"], line["ms"], line["level"]) == ("replied", "answered", 12, "info")
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize("name", ["httpx", "slack_bolt.App", "telegram.ext", "uvicorn.error", "sqlalchemy.engine"])
def test_what_a_library_says_is_left_out(written, name):
    try:
        fail()
    except ValueError:
        logging.getLogger(name).warning("POST https://api.example/bot123:token %s", WORDS, exc_info=True)
    (line,) = written()
    assert line["logger"] == name
    assert line["event"] == "a library logged"
    assert line["fault"].startswith("ValueError at test_logs.py")
    assert "麗華" not in str(line)
    assert "token" not in str(line)


def test_a_fault_is_its_trail_without_its_words(written):
    try:
        fail()
    except ValueError:
        logging.getLogger("bot.bot").exception("reply failed")
    (line,) = written()
    assert line["event"] == "reply failed"
    assert "fail" in line["fault"]
    assert "麗華" not in str(line)


def test_a_thread_that_crashes_says_no_words(written):
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    (line,) = written()
    assert "ValueError at" in line["event"]
    assert "麗華" not in str(line)


def test_a_secret_is_hidden_wherever_it_stands(written):
    logging.getLogger("adapters.slack").error("refused %s", "xoxb-secret", extra={})
    structlog.get_logger("adapters.slack").info("refused", token="xoxb-secret")
    assert [line.get("token", line["event"]) for line in written()] == ["refused ***", "***"]
