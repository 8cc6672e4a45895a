"""Where a backup's passphrase comes from: a file, the environment, or the keyboard; never a command line."""

import getpass
import sys
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import CommandError

from caretrack.env import env_str

VARIABLE = "CARETRACK_BACKUP_PASSPHRASE"


def add_argument(parser: ArgumentParser) -> None:
    """The option all three backup commands share."""
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="文件",
        help=f"从文件第一行读取备份密码；也可用环境变量 {VARIABLE}，都没有时从键盘输入",
    )


def read(file: Path | None, *, twice: bool) -> str:
    """The passphrase. Raises CommandError when there is none or the two typed ones differ."""
    if file:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise CommandError(f"读不到密码文件 {file}：{error.strerror}") from error
        given = lines[0].strip() if lines else ""
    elif not (given := env_str(VARIABLE)):
        if not sys.stdin.isatty():
            raise CommandError(f"没有备份密码。请用 --passphrase-file 或环境变量 {VARIABLE} 提供。")
        given = getpass.getpass("备份密码：")
        if twice and given != getpass.getpass("再输入一次："):
            raise CommandError("两次输入的密码不一致。")
    if not given:
        raise CommandError("备份密码不能为空。")
    return given
