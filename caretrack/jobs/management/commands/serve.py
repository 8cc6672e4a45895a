"""Serve CareTrack: check the folders, migrate, collect static files, then run the web server and the worker."""

import hashlib
import io
import os
import socket
import sys
import traceback
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, SystemCheckError
from django.db import OperationalError, connection, connections
from django.db.migrations.executor import MigrationExecutor

from caretrack.access import triggers
from caretrack.env import env_int, env_list, env_str
from caretrack.jobs import folders
from caretrack.jobs.supervisor import Process, Supervisor

# Parts of the front-end packages that no page asks for: thousands of files, half a minute at the first start.
NOT_SERVED = [
    "bootstrap-icons/*.svg",
    "bootstrap-icons/font/*.json",
    "bootstrap-icons/font/*.scss",
    "bootstrap-grid*",
    "bootstrap-reboot*",
    "bootstrap-utilities*",
    "*.rtl.*",
    "*.esm.*",
    "bootstrap.css*",
    "bootstrap.js*",
    "bootstrap.min.js*",
    "bootstrap.bundle.js*",
    "django_htmx/ext/*",
    "django_htmx/*-4*",
    "django_htmx/htmx-2.js",
    "import_export/*",
]
STATIC_SOURCES = ("static", "requirements/base.txt", "caretrack/settings.py")


class Command(BaseCommand):
    """See the module's first line."""

    help = "启动 CareTrack：检查数据文件夹、升级数据库，然后运行网页服务和后台任务"
    requires_system_checks: list[str] = []  # run below, after the folders were looked at

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo", action="store_true", help="首次启动时装入演示数据（虚构的一所中心校和两所村小）")
        parser.add_argument("--prepare-only", action="store_true", help="只做准备，不启动服务")

    def handle(self, *args: Any, **options: Any) -> None:
        os.umask(0o077)
        try:
            folders.prepare()
            folders.refuse_bad_state()
            with folders.DataFolderLock() as lock:
                aside(lambda: self.prepare(demo=options["demo"], after_crash=lock.left_unclean))
                if not options["prepare_only"]:
                    self.serve()
        except (folders.FolderError, ImproperlyConfigured) as error:
            raise CommandError(str(error)) from error

    # --- preparing ------------------------------------------------------------------------------------------------

    def prepare(self, *, demo: bool, after_crash: bool) -> None:
        """Bring database and static files up to date. Raises CommandError when the data cannot be served."""
        if warning := folders.low_space():
            self.stderr.write(self.style.WARNING(warning))
        try:
            if after_crash and connection.vendor == "sqlite":
                self.check_after_crash()
            self.migrate()
        except OperationalError as error:
            raise CommandError(f"数据库打不开：{error}。请检查 DATABASE_URL、数据库服务和权限。") from error
        try:
            call_command("check", fail_level="ERROR", databases=["default"], verbosity=0, stdout=io.StringIO())
        except SystemCheckError as error:
            raise CommandError(f"启动检查没有通过，暂不提供服务。\n{error}") from error
        self.collect_static()
        if demo:
            self.load_demo()

    def check_after_crash(self) -> None:
        """After a kill or a power cut: ask SQLite whether the file is whole."""
        self.stdout.write("上次没有正常停止，正在检查数据库 …")
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA quick_check(1)")
            (answer,) = cursor.fetchone()
        if answer != "ok":
            raise CommandError(
                f"数据库已损坏（{answer}）。请不要继续使用，用最近的备份恢复：manage.py restore 备份文件"
            )
        self.stdout.write("数据库完好。")

    def migrate(self) -> None:
        """Apply what is pending and put lost or changed triggers in. Refuses a database that a newer version wrote."""
        executor = MigrationExecutor(connection)
        unknown = {
            f"{app}.{name}"
            for app, name in executor.loader.applied_migrations
            if (app, name) not in executor.loader.disk_migrations and app in executor.loader.migrated_apps
        }
        replaced = {
            f"{app}.{name}"
            for migration in executor.loader.disk_migrations.values()
            for app, name in getattr(migration, "replaces", [])
        }
        if unknown - replaced:
            raise CommandError(
                "这个数据库由更新版本的 CareTrack 写过（"
                + "、".join(sorted(unknown - replaced))
                + "）。请更新程序，或用升级前的备份恢复。"
            )
        # A version may change the triggers alone; migrate puts the present ones in.
        if executor.migration_plan(executor.loader.graph.leaf_nodes()) or triggers.missing():
            self.stdout.write("正在升级数据库 …")
            call_command("migrate", interactive=False, verbosity=0)

    def collect_static(self) -> None:
        """Collect and compress static files when their sources changed since the last time."""
        stamp_file = settings.DATA_DIR / "static.stamp"
        stamp = static_stamp()
        if stamp_file.exists() and stamp_file.read_text() == stamp and settings.STATIC_ROOT.exists():
            return
        self.stdout.write("正在整理网页文件 …")
        call_command("collectstatic", interactive=False, clear=True, ignore_patterns=NOT_SERVED, verbosity=0)
        stamp_file.write_text(stamp)

    def load_demo(self) -> None:
        """Fill an empty installation with the demo township; show its accounts again at later starts."""
        from caretrack.schools.models import Staff

        accounts = settings.DATA_DIR / "demo.txt"
        if accounts.exists():
            self.stdout.write(accounts.read_text())
        elif Staff.objects.exists():
            self.stdout.write(self.style.WARNING("已有数据，不再装入演示数据。"))
        else:
            self.stdout.write("正在装入演示数据 …")
            said = io.StringIO()
            call_command("load_demo", stdout=said)
            accounts.write_text(said.getvalue())
            self.stdout.write(said.getvalue())

    # --- serving --------------------------------------------------------------------------------------------------

    def serve(self) -> None:
        """Run web server and worker until a signal. Raises CommandError when the port is taken."""
        host, port = env_str("CARETRACK_BIND", "127.0.0.1"), env_int("PORT", 8000)
        listener = listen(host, port)
        shown = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104
        address = f"http://{shown}:{port}"

        from caretrack.jobs.web import BehindProxy, WebServer
        from caretrack.wsgi import application

        def ready() -> None:
            self.stdout.write(self.style.SUCCESS(f"CareTrack 已启动：{address}  （按 Ctrl+C 停止）"))
            self.stdout.flush()

        def web() -> None:
            proxies = env_list("CARETRACK_PROXIES", "127.0.0.1,::1") if settings.HTTPS else []
            WebServer(BehindProxy(application, proxies), listener=listener, ready=ready).run()

        def worker() -> None:
            listener.close()
            call_command("db_worker", verbosity=0, reload=False, startup_delay=False)

        connections.close_all()
        Supervisor([Process("网页服务", web), Process("后台任务", worker, patience=60)]).run()
        self.stdout.write("CareTrack 已停止。")


def aside(work: Callable[[], None]) -> None:
    """
    Do `work` in a process of its own, so that the memory it took is not carried by the server ever after.

    Raises CommandError with the words of a CommandError raised there; anything else is printed there.
    """
    connections.close_all()
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        code = 1
        try:
            os.close(reading)
            work()
            connections.close_all()
            code = 0
        except CommandError as error:
            os.write(writing, str(error).encode())
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        words = pipe.read().decode()
    _, status = os.waitpid(pid, 0)
    if status:
        raise CommandError(words or "准备工作没有完成，见上面的说明。")


def listen(host: str, port: int) -> socket.socket:
    """The socket that the web server answers on, opened here so that a restart of the web server never loses it."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), port))
    except OSError as error:
        raise CommandError(f"端口 {host}:{port} 不能使用（{error.strerror}）。请用 PORT=8001 换一个端口。") from error
    listener.listen(2048)
    listener.set_inheritable(True)
    return listener


def static_stamp() -> str:
    """A value that changes when any source of static files may have changed."""
    digest = hashlib.sha256()
    for source in STATIC_SOURCES:
        path: Path = settings.BASE_DIR / source
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file():
                state = file.stat()
                digest.update(f"{file}|{state.st_size}|{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()
