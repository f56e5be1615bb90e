"""日志 — one canonical line per event, key=value on a terminal and JSON otherwise, on standard error."""

from __future__ import annotations

import logging
import sys

import structlog

# Libraries that write whole mails to the log when asked to debug; they are never asked.
_QUIET = ("imapclient", "aiosmtplib", "asyncio", "aiosmtpd", "mail.log", "pymap", "alembic", "sqlalchemy")


class DiaryDoor:
    """Writes what happened. Never bodies, never secrets."""

    def __init__(self, *, is_quiet: bool = False) -> None:
        for name in _QUIET:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        renderer: structlog.types.Processor = (
            structlog.dev.ConsoleRenderer(colors=False)
            if sys.stderr.isatty()
            else structlog.processors.JSONRenderer(ensure_ascii=False)
        )
        self._log = structlog.wrap_logger(
            structlog.PrintLogger(sys.stderr),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso"),
                renderer,
            ],
            wrapper_class=structlog.make_filtering_bound_logger(
                logging.WARNING if is_quiet else logging.INFO
            ),
        )

    def note(self, event: str, **facts: object) -> None:
        """Something went as it should."""
        self._log.info(event, **facts)

    def trouble(self, event: str, error: BaseException, **facts: object) -> None:
        """Something did not; the error's words, and the place it came from when it was unexpected."""
        place = _place(error)
        self._log.warning(event, error=str(error) or type(error).__name__, place=place, **facts)


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    code = trace.tb_frame.f_code
    return f"{code.co_filename.rpartition('service/')[2]}:{trace.tb_lineno} {code.co_name}"
