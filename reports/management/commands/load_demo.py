"""Load the demo township, and print its accounts and how many children count as left behind by which definition."""

import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from children.left_behind import Definition
from reports.demo.load import Loaded, NotEmpty, is_loaded, kept_accounts, load


class Command(BaseCommand):
    """See the module's first line."""

    help = "装入演示数据：虚构的云禾县青榕镇，一所中心校和两所村小。只装入空的系统；再次运行不改动任何数据。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="只输出账号列表（JSON）")
        parser.add_argument("--today", type=date.fromisoformat, help="以这一天为“今天”生成（YYYY-MM-DD），默认当天")

    def handle(self, *args: Any, **options: Any) -> None:
        if is_loaded():
            accounts = kept_accounts()
            if options["json"]:
                self.stdout.write(json.dumps(accounts, ensure_ascii=False, indent=1))
                return
            self.stdout.write("演示数据已经装入，这次没有改动任何数据。")
            if accounts:
                self.stdout.write("装入时的账号如下（改过密码的以新密码为准）：")
                self.print_accounts(accounts)
            else:
                self.stdout.write("账号清单已不在数据文件夹里；可用 manage.py changepassword 重设密码。")
            return
        try:
            loaded = load(options["today"] or timezone.localdate())
        except NotEmpty:
            raise CommandError(
                "系统里已有人员账号，不能装入演示数据，以免虚构学生混入真实名册。请换一个空的数据文件夹（CARETRACK_DATA）。"
            ) from None
        if options["json"]:
            self.stdout.write(json.dumps(loaded.accounts, ensure_ascii=False, indent=1))
        else:
            self.say(loaded)

    def say(self, loaded: Loaded) -> None:
        """What was loaded, for people."""
        write = self.stdout.write
        write(f"演示数据已装入（以 {loaded.on} 为今天），学校、人员和学生都是虚构的。")
        write(f"学校：{'、'.join(loaded.schools)}")
        write(f"在校学生 {loaded.pupils} 人。留守儿童人数因口径而不同：")
        for definition in Definition:
            write(f"  {loaded.counts[definition.value]:>4} 人  {definition.label}")
        write("账号（只在演示里有效）：")
        self.print_accounts(loaded.accounts)

    def print_accounts(self, accounts: list[dict[str, str]]) -> None:
        """One line an account."""
        for account in accounts:
            post = f"{account['roles']}{'（' + account['classes'] + '）' if account['classes'] else ''}"
            self.stdout.write(
                f"  {account['username']:<16} {account['password']:<26} {account['name']}　{account['school']}　{post}"
            )
