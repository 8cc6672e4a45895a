"""Make a backup: database, media and manifest in one file sealed with a passphrase."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from caretrack.jobs import archive, passphrase


class Command(BaseCommand):
    """See the module's first line."""

    help = "制作加密备份（数据库、照片和附件），做好后立即读回核对；可在系统使用中执行"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="备份文件，例如 /media/usb/caretrack-2026-09-01.backup")
        parser.add_argument("--with-keys", action="store_true", help="把密钥也放进备份（备份密码就成了唯一的保护）")
        passphrase.add_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        word = passphrase.read(options["passphrase_file"], twice=True)
        try:
            manifest = archive.create(options["file"], word, with_keys=options["with_keys"])
        except archive.BackupError as error:
            raise CommandError(str(error)) from error
        size = options["file"].stat().st_size / 1024 / 1024
        self.stdout.write(
            self.style.SUCCESS(
                f"备份已完成并核对：{options['file']}（{size:.1f} MB，"
                f"{len(manifest.counts)} 张表 {manifest.rows} 行，{manifest.media} 个照片和附件）。"
            )
        )
        if manifest.has_keys:
            self.stdout.write("备份中含有密钥：请保管好备份密码。")
        else:
            self.stdout.write("备份中不含密钥：密钥文件夹（CARETRACK_KEYS）请另行复制保存，丢失后加密内容无法恢复。")
