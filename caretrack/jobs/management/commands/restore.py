"""Put a backup in the place of the present data, which is kept beside it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from caretrack.access import log
from caretrack.access.models import AccessEntry, Event
from caretrack.jobs import archive, folders, passphrase
from caretrack.jobs.planner import look_at_tables


class Command(BaseCommand):
    """See the module's first line."""

    help = "用备份恢复全部数据。先停止服务；现有数据会移到 before-restore-… 文件夹保留"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="备份文件")
        passphrase.add_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        word = passphrase.read(options["passphrase_file"], twice=False)
        try:
            folders.prepare()
            with folders.DataFolderLock():
                manifest, aside = archive.restore(options["file"], word)
                call_command("migrate", interactive=False, verbosity=0)
                look_at_tables()
        except (archive.BackupError, folders.FolderError) as error:
            raise CommandError(str(error)) from error
        log.write(
            [AccessEntry(staff_name="系统", event=Event.ADMIN, page="restore", detail=f"恢复备份 {manifest.made_at}")]
        )
        self.stdout.write(
            self.style.SUCCESS(
                f"已恢复 {manifest.made_at} 的备份：{len(manifest.counts)} 张表 {manifest.rows} 行，"
                f"{manifest.media} 个照片和附件。"
            )
        )
        self.stdout.write(f"恢复前的数据保留在 {aside}，确认无误后请删除该文件夹。")
