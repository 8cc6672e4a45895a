"""Check a backup without restoring it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from caretrack.jobs import archive, passphrase


class Command(BaseCommand):
    """See the module's first line."""

    help = "核对备份文件：解密、逐个文件校验、检查其中的数据库；不改动现有数据"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="备份文件")
        passphrase.add_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        word = passphrase.read(options["passphrase_file"], twice=False)
        try:
            manifest = archive.verify(options["file"], word)
        except archive.BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            self.style.SUCCESS(
                f"备份完好：{manifest.made_at} 由 CareTrack {manifest.version} 制作，"
                f"{len(manifest.counts)} 张表 {manifest.rows} 行，{manifest.media} 个照片和附件。"
            )
        )
        if manifest.has_keys:
            self.stdout.write("备份中含有密钥。")
        elif not archive.fits_key(manifest):
            self.stdout.write(self.style.WARNING("注意：本机的密钥不是制作备份时的那一个，恢复前要放回原来的密钥。"))
