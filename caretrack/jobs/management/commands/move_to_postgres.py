"""Copy the whole installation into an empty PostgreSQL database and compare."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from caretrack.jobs import folders, moving


class Command(BaseCommand):
    """See the module's first line."""

    help = "把全部数据复制到一个空的 PostgreSQL 数据库并逐表核对。先停止服务；现有数据库不改动"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", help="目标数据库，例如 postgres://caretrack:密码@127.0.0.1:5432/caretrack")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with folders.DataFolderLock():
                rows = moving.move(options["url"], self.stdout.write)
        except (moving.MoveError, folders.FolderError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            self.style.SUCCESS(
                f"已迁移并核对 {rows} 行。请把 DATABASE_URL 设为这个地址，再启动服务。照片和附件仍在数据文件夹里。"
            )
        )
