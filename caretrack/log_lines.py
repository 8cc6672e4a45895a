"""What the server's log says of a request that was refused."""

import logging


class RefusalsInOneLine(logging.Filter):
    """
    Takes the traceback from a refused page (4xx): who may not open it is no fault of the program.

    The line with address and status stays; failures (5xx) keep their traceback.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Lets every line pass."""
        if record.name == "django.request" and getattr(record, "status_code", 500) < 500:
            record.exc_info = record.exc_text = None
        return True
