"""manage.py import_roster: the wizard from the shell, through the same code."""

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from caretrack.access.history import change_by
from caretrack.schools.models import School, Staff
from children.importing import batches, circumstances
from children.importing.findings import Finding, Level
from children.importing.guard import Refused
from children.importing.outcomes import Status
from children.importing.parse import ParsedRoster, parse_roster
from children.importing.resource import RosterDataset, RosterResource, RosterResult


class Command(BaseCommand):
    help = "Read a roster: say what is new, changed, wrong and asked; with --commit write it, as the wizard does."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the roster (.xlsx, .xls, .csv)")
        parser.add_argument("--school", required=True, help="code (学校标识码) of the school")
        parser.add_argument("--on", type=date.fromisoformat, help="day of the roster, default today")
        parser.add_argument("--answers", type=Path, help='JSON file: {"answers": {key: value}, "mapping": {…}}')
        parser.add_argument("--commit", action="store_true", help="write what can be written")
        parser.add_argument("--by", help="user name of the person in whose name it is written")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError (exit code 1) for an unknown school, a missing file, or a file that is no roster."""
        school = School.objects.filter(code=options["school"]).first()
        if school is None:
            raise CommandError(f"没有标识码为 {options['school']} 的学校。")
        by = self._person(options["by"])
        content, said = self._files(options)
        on = options["on"] or timezone.localdate()
        try:
            if options["commit"]:
                roster, result = self._commit(school, by, options["file"].name, content, on, said)
            else:
                roster, result = self._look(school, content, on, said)
        except Refused as refused:
            if options["json"]:
                self.stdout.write(json.dumps({"kind": "refuse", "refuse_because": str(refused)}, ensure_ascii=False))
            raise CommandError(str(refused)) from refused
        if options["json"]:
            self.stdout.write(json.dumps(report(roster, result, options["commit"]), ensure_ascii=False))
        else:
            self._tell(roster, result, options["commit"])

    def _person(self, username: str | None) -> Staff | None:
        if username is None:
            return None
        staff = Staff.objects.filter(username__iexact=username).first()
        if staff is None:
            raise CommandError(f"没有登录名为 {username} 的人员。")
        return staff

    def _files(self, options: dict[str, Any]) -> tuple[bytes, dict[str, Any]]:
        try:
            content = options["file"].read_bytes()
            said = json.loads(options["answers"].read_text()) if options["answers"] else {}
        except OSError as error:
            raise CommandError(f"文件打不开：{error.filename}（{error.strerror}）") from error
        except json.JSONDecodeError as error:
            raise CommandError(f"回答文件不是正确的 JSON：{error}") from error
        if not isinstance(said, dict):
            raise CommandError('回答文件应是一个 JSON 对象，如 {"answers": {…}}。')
        return content, said

    def _look(
        self, school: School, content: bytes, on: date, said: dict[str, Any]
    ) -> tuple[ParsedRoster, RosterResult]:
        roster = parse_roster(content, circumstances.context_of(school, on, said))
        resource = RosterResource(circumstances.terms_of(school, None, on, said), answers=said.get("answers", {}))
        return roster, resource.import_data(RosterDataset(roster), dry_run=True)

    def _commit(
        self, school: School, by: Staff | None, name: str, content: bytes, on: date, said: dict[str, Any]
    ) -> tuple[ParsedRoster, RosterResult]:
        with change_by(by, "导入花名册（命令行）"):
            batch = batches.take_file(school=school, by=by, name=name, content=content, on=on)
            batches.answer(batch, mapping=said.get("mapping"), answers=said.get("answers"), on=on)
            checked = batches.check(batch, by, keep_rows=True)
            batches.confirm(batch, by=by, token=batches.plan_token(batch))
        roster = checked.roster
        if roster is None:
            raise CommandError("核对没有得到结果。")
        return roster, checked

    def _tell(self, roster: ParsedRoster, result: RosterResult, committed: bool) -> None:
        for finding in roster.findings:
            if finding.level is not Level.FIXED:
                sheet = f"[{finding.sheet}] " if len(roster.headers) > 1 and finding.sheet else ""
                self.stdout.write(f"{finding.level.heading.split('：')[0]}  {sheet}{finding.text}")
        for question in roster.open_questions:
            choices = "、".join(f"{choice.value}={choice.label}" for choice in question.choices)
            self.stdout.write(f"未回答  {question.key}：{question.sentence}（{choices}）")
        for outcome in result.outcomes:
            if outcome.status in (Status.DECIDE, Status.WAITING, Status.REJECTED):
                self.stdout.write(f"{outcome.status.heading}  第{outcome.row}行：{outcome.message}")
        counts = "，".join(f"{Status(name).heading} {number}" for name, number in result.counts.items() if number)
        self.stdout.write(self.style.SUCCESS(f"{'已导入' if committed else '核对完成（没有写入）'}：{counts}"))


def report(roster: ParsedRoster, result: RosterResult, committed: bool) -> dict[str, Any]:
    """What --json prints, with the field names of the sample rosters."""
    children = [
        {**child.as_json(), "status": outcome.status.value, "message": outcome.message}
        for child, outcome in zip(roster.children, result.outcomes, strict=True)
    ]
    header = roster.headers[0]
    return {
        "kind": roster.kind,
        "sheets": [{"name": sheet.name, "role": sheet.role, "state": sheet.state} for sheet in roster.sheets],
        "header": {"sheet": header.sheet, "row": header.top + 1, "last_row": header.bottom + 1},
        "headers": [
            {"sheet": found.sheet, "row": found.top + 1, "last_row": found.bottom + 1} for found in roster.headers
        ],
        "children": children,
        "faults": [finding.as_json() for finding in _all_faults(roster, result)],
        "skipped_rows": [skipped.as_json() for skipped in roster.skipped],
        "control_totals": [
            {"sheet": total.sheet, "row": total.row, **total.stated, "agrees": total.agrees} for total in roster.totals
        ],
        "questions": [question.as_json() for question in roster.questions],
        "summary": {**result.counts, "rows": result.total_rows, "committed": committed},
    }


def _all_faults(roster: ParsedRoster, result: RosterResult) -> list[Finding]:
    notes = [
        Finding("row_note", Level.WARNING, note, outcome.sheet, outcome.row)
        for outcome in result.outcomes
        for note in outcome.notes
    ]
    return [*roster.findings, *notes]
