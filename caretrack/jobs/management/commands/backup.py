"""Make a backup: database, media and manifest in one file sealed with a passphrase."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from caretrack.jobs import archive, passphrase


class Command(BaseCommand):
    """See the module's first line."""

    help = "制作加密备份（数据库、照片和附件），做好后立即读回核对；可在系统使用中执行"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", type=Path, help="备份文件，例如 /media/usb/开学前.backup；给出文件夹时自动用日期时间命名"
        )
        parser.add_argument(
            "--prune",
            action="store_true",
            help="成功后清理该文件夹里自动命名的旧备份：保留最近 7 天、5 周、12 个月各一份",
        )
        parser.add_argument("--with-keys", action="store_true", help="把密钥也放进备份（备份密码就成了唯一的保护）")
        passphrase.add_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        word = passphrase.read(options["passphrase_file"], twice=True)
        target: Path = options["file"]
        if target.is_dir():
            target /= archive.dated_name(timezone.localtime())
        try:
            manifest = archive.create(target, word, with_keys=options["with_keys"])
        except archive.BackupError as error:
            raise CommandError(str(error)) from error
        size = target.stat().st_size / 1024 / 1024
        self.stdout.write(
            self.style.SUCCESS(
                f"备份已完成并核对：{target}（{size:.1f} MB，"
                f"{len(manifest.counts)} 张表 {manifest.rows} 行，{manifest.media} 个照片和附件）。"
            )
        )
        if manifest.has_keys:
            self.stdout.write("备份中含有密钥：请保管好备份密码。")
        else:
            self.stdout.write("备份中不含密钥：密钥文件夹（CARETRACK_KEYS）请另行复制保存，丢失后加密内容无法恢复。")
        if options["prune"]:
            for old in archive.outdated([path.name for path in target.parent.iterdir()]):
                (target.parent / old).unlink()
                self.stdout.write(f"已清理旧备份 {old}")
