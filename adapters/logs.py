"""Logs: one JSON object a line, on stderr, without a resident's words, names or tokens.

Our own modules log kinds, places and numbers (`bot/faults.py`). What libraries say may quote messages, addresses with
tokens, whole requests: of it only the logger, the level and the place are kept. A fault becomes its trail.
"""

import logging
import sys
import threading
from collections.abc import Iterable
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.faults import trail

OWN = ("adapters", "bot", "indexer", "knowledge")
HIDDEN = "***"


def configure(stream: TextIO | None = None, secrets: Iterable[str | None] = ()) -> None:
    """From now on. `secrets`: values that never appear, whatever a message holds."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                _without_words,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without({secret for secret in secrets if secret}),
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    sys.excepthook = _on_crash
    threading.excepthook = _on_thread_crash


def _without_words(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Of a fault its trail; of a foreign message where it comes from."""
    record: logging.LogRecord = event["_record"]
    given = event.pop("exc_info", None)
    fault = given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given is True else given
    event.pop("exception", None)
    event.pop("stack_info", None)
    if isinstance(fault, BaseException):
        event["fault"] = trail(fault)
    if record.name.partition(".")[0] not in OWN:
        event["event"] = "a library logged"
        event["at"] = f"{record.module}:{record.lineno}"
    return event


def _without(secrets: set[str]) -> Processor:
    def clean(value: Any) -> Any:
        if isinstance(value, str):
            for secret in secrets:
                value = value.replace(secret, HIDDEN)
        return value

    def processor(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
        return {key: clean(value) for key, value in event.items()}

    return processor


def _on_crash(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    logging.getLogger(__name__).error("crashed: %s", trail(error))


def _on_thread_crash(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        logging.getLogger(__name__).error("a thread crashed: %s", trail(args.exc_value))
