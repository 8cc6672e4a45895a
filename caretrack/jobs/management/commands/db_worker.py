"""django-tasks' worker, which first and then every minute puts in order what a dead worker left behind."""

import logging
import threading
import traceback
from typing import Any

from django.db import close_old_connections, connection
from django_tasks_db.management.commands.db_worker import Command as LibraryCommand

from caretrack.jobs.services import sweep

logger = logging.getLogger("caretrack.jobs")
SWEEP_EVERY = 60.0


def sweep_and_go_on() -> None:
    """One sweep; whatever it raises goes to the log, for jobs are to be run all the same."""
    try:
        sweep()
    except Exception as error:
        # Without the exception's text: a database's message repeats the row it refused.
        trace = "".join(traceback.format_tb(error.__traceback__))
        logger.error("sweep did not succeed: %s\n%s", type(error).__name__, trace)


class Command(LibraryCommand):
    """See the module's first line."""

    help = "运行后台任务（导入、成批打印、备份）；script/server 会自动启动它"

    def handle(self, **options: Any) -> None:
        sweep_and_go_on()
        if not options["batch"]:
            threading.Thread(target=self.keep_sweeping, name="sweep", daemon=True).start()
        super().handle(**options)

    def keep_sweeping(self) -> None:
        """Runs beside the worker's loop, on a database connection of its own."""
        pause = threading.Event()
        while not pause.wait(SWEEP_EVERY):
            close_old_connections()
            try:
                sweep_and_go_on()
            finally:
                connection.close()
