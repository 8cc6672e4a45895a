"""Statistics by class, the ledger of any day, the summary of 32 columns."""

import io
from dataclasses import replace
from datetime import date, timedelta

import openpyxl
import pytest
from django.urls import reverse

from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from children.left_behind import Definition
from children.models import Child, FamilyMember, codes
from children.services import leave_school, set_parent_status
from children.sight import sights
from reports.builders.civil_summary import COLUMNS, EQUATIONS, build_civil_summary, village_of
from reports.builders.ledger import LedgerAsk, build_ledger
from reports.builders.statistics import build_statistics
from reports.builders.unit import Unit
from reports.papers import civil_paper, ledger_paper, statistics_paper
from tests.reports import specimens
from tests.support.factories import make_class, make_left_behind, make_staff
from tests.support.paper import pages_of, silent_layout, text_of

pytestmark = pytest.mark.django_db
SEED = Definition.SEED


def column(figures, number, row=0):
    return figures.table.rows[row].cells[number - 1].value


@pytest.fixture
def civil(world, today):
    def build(by_village=True):
        return build_civil_summary(Unit(world.school), on=today, by_village=by_village)

    return build


class TestStatistics:
    def test_shares_are_counts_of_counts(self, world, today):
        figures = build_statistics(Unit(world.school), on=today, definition=SEED)
        grandparents = figures.care[0]
        assert (grandparents.count, grandparents.whole, grandparents.percent) == (2, 2, "100.0%")
        assert "学校口径" in figures.table.basis
        assert "截至2026年11月28日" in figures.table.basis

    def test_a_past_day_counts_as_it_was(self, world, client):
        father = FamilyMember.objects.get(child=world.child, relation=codes.Relation.FATHER)
        mother = FamilyMember.objects.get(child=world.child, relation=codes.Relation.MOTHER)
        for parent in (father, mother):
            set_parent_status(member=parent, status="at_home", since=date(2026, 11, 10), by=None, on=date(2026, 11, 10))
        client.force_login(world.principal)
        for on, count in (("2026-11-01", 2), ("2026-11-28", 1)):
            page = client.get(reverse("reports:ledger"), {"on": on}).content.decode()
            assert f"共 <strong>{count}</strong> 人" in page

    def test_who_leaves_on_the_day_is_counted_and_told(self, world, client, today):
        before = build_statistics(Unit(world.school), on=today, definition=SEED)
        leave_school(child=world.child, on=today, kind="out_transfer", by=None)
        told = "在校学生含当天离校的1人，从次日起减少"
        for unit, note in ((Unit(world.school), told), (Unit(world.school, world.four), told)):
            assert build_statistics(unit, on=today, definition=SEED).table.notes[0] == note
        figures = build_statistics(Unit(world.school), on=today, definition=SEED)
        assert [row.cells for row in figures.table.rows] == [row.cells for row in before.table.rows]
        assert told not in "".join(before.table.notes)
        next_day = build_statistics(Unit(world.school), on=today + timedelta(days=1), definition=SEED)
        assert next_day.table.rows[-1].cells[0].value == figures.table.rows[-1].cells[0].value - 1
        assert told not in "".join(next_day.table.notes)
        other = build_statistics(Unit(world.school, make_class(world.school, 6)), on=today, definition=SEED)
        assert told not in "".join(other.table.notes)
        client.force_login(world.principal)
        assert told in client.get(reverse("reports:class_table")).content.decode()

    def test_a_day_to_come_is_refused(self, world, client):
        client.force_login(world.principal)
        assert "不能晚于今天" in client.get(reverse("reports:class_table"), {"on": "2027-01-01"}).content.decode()

    def test_a_figure_opens_the_children_it_counts(self, world, client):
        client.force_login(world.principal)
        page = client.get(reverse("reports:class_table"))
        address = reverse("reports:statistics_cell", args=[world.four.pk, "t1.boarding"])
        assert address in page.content.decode()
        opened = client.get(address, {"unit": f"s{world.school.pk}"}, follow=True).content.decode()
        assert "陈欣怡" in opened
        assert "吴玥" not in opened

    @pytest.mark.parametrize("paper", ["A4", "A3"])
    def test_it_prints_with_checks_and_signatures(self, world, client, paper):
        client.force_login(world.principal)
        with silent_layout():
            shown = text_of(client.get(reverse("reports:class_table_print"), {"paper": paper}).content)
        for word in ("全校留守儿童基本情况统计表", "勾稽关系核对", "三特生", "单位负责人（签名）", "单位：人"):
            assert word in shown

    def test_numbers_in_the_workbook_are_numbers(self, world, client):
        client.force_login(world.principal)
        answer = client.get(reverse("reports:class_table_export"))
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        rows = list(sheet.iter_rows(values_only=True))
        total = next(row for row in rows if row[0] == "合计")
        assert total[2] == 2
        assert any("截至2026年11月28日" in str(row[0]) for row in rows)

    def test_a_class_teacher_counts_the_own_class_only(self, world, client):
        client.force_login(world.homeroom)
        page = client.get(reverse("reports:ledger")).content.decode()
        assert "陈欣怡" in page
        assert "吴玥" not in page
        other = client.get(reverse("reports:ledger"), {"unit": f"s{world.school.pk}"}).content.decode()
        assert "吴玥" not in other


class TestLedger:
    def post(self, client, name, **data):
        with silent_layout():
            return client.post(reverse(f"reports:{name}"), data)

    def test_the_page_shows_no_phone_and_the_paper_does(self, world, client):
        client.force_login(world.principal)
        assert "13800001111" not in client.get(reverse("reports:ledger")).content.decode()
        shown = text_of(self.post(client, "ledger_print", purpose="学期检查").content)
        for word in ("管理台账", "陈欣怡", "13800001111", "王桂英", "双亲外出"):
            assert word in shown

    def test_a_parent_who_left_later_was_at_home_on_the_day(self, world, today):
        child = make_left_behind("田小雨", at=world.four, both=False)
        mother = child.family.get(relation=codes.Relation.MOTHER)
        left = today - timedelta(days=3)
        set_parent_status(
            member=mother, status=codes.ParentStatus.AWAY_WORK, since=left, by=None, on=today, work_place="浙江"
        )
        seen = sights(world.principal, [child.pk])

        def place(on):
            rows = build_ledger(Unit(world.school), on=on, definition=SEED, ask=LedgerAsk(), sights=seen).rows
            return next(row.mother.place for row in rows if row.child_id == child.pk)

        assert (place(left - timedelta(days=1)), place(today)) == ("在家", "浙江")

    def test_without_a_purpose_nothing_leaves(self, world, client):
        client.force_login(world.principal)
        assert self.post(client, "ledger_export", purpose=" ").status_code == 302
        assert not AccessEntry.objects.filter(event=Event.EXPORT).exists()

    def test_the_workbook_keeps_phones_as_text_and_the_log_the_purpose(self, world, client):
        Child.objects.filter(pk=world.child.pk).update(address="=1+1")
        client.force_login(world.principal)
        answer = self.post(client, "ledger_export", purpose="上报中心校")
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        cells = {cell.value: cell for row in sheet.iter_rows() for cell in row}
        assert cells["13800001111"].data_type == "s"
        assert cells["=1+1"].data_type == "s"
        logged = AccessEntry.objects.filter(event=Event.EXPORT, child_id=world.child.pk).get()
        assert "上报中心校" in logged.detail

    def test_levels_and_care_types_narrow(self, world, client):
        Child.objects.filter(pk=world.other.pk).update(support_level="key")
        client.force_login(world.principal)
        page = client.get(reverse("reports:ledger"), {"level": "key"}).content.decode()
        assert "吴玥" in page
        assert "陈欣怡" not in page
        page = client.get(reverse("reports:ledger"), {"care": "kin_friend"}).content.decode()
        assert "没有符合条件的学生" in page

    def test_families_in_hardship_are_a_ledger_of_their_own(self, world, client):
        Child.objects.filter(pk=world.other.pk).update(hardship=["minimum"])
        client.force_login(world.principal)
        page = client.get(reverse("reports:ledger"), {"hardship": "any"}).content.decode()
        assert "吴玥" in page
        assert "陈欣怡" not in page

    def test_a_registrar_gets_no_level(self, world, client, today):
        Child.objects.filter(pk=world.other.pk).update(support_level="key")
        client.force_login(make_staff(Role.REGISTRAR, world.school))
        page = client.get(reverse("reports:ledger")).content.decode()
        assert "吴玥" in page
        assert '<td data-label="帮扶级别">重点</td>' not in page

    def test_whom_one_does_not_see_is_counted_and_not_named(self, world, today):
        found = build_ledger(Unit(world.school), on=today, definition=SEED, ask=LedgerAsk(), sights={})
        assert (found.rows, found.hidden) == ((), 2)

    @pytest.mark.parametrize("children", [1, 12])
    def test_the_page_asks_the_same_for_one_and_twelve(self, world, client, children, django_assert_max_num_queries):
        for number in range(children):
            make_left_behind(f"学生{number}", world.four)
        client.force_login(world.principal)
        client.get(reverse("reports:ledger"))
        with django_assert_max_num_queries(60):
            client.get(reverse("reports:ledger"))


class TestCivilSummary:
    def test_there_are_32_columns_in_the_order_of_the_source(self):
        assert len(COLUMNS) == 32
        assert {place for _words, left, right in EQUATIONS for place in (*left, *right)} == set(range(1, 33))

    def test_a_known_child_stands_in_every_group(self, civil, world):
        Child.objects.filter(pk=world.child.pk).update(address="青榕镇双河村三组")
        figures = civil()
        assert [column(figures, number) for number in (1, 5, 7, 13, 19, 24, 25, 26, 31)] == [2, 2, 2, 2, 2, 1, 1, 2, 2]
        assert not figures.broken
        assert [row.label for row in figures.table.rows] == ["合　计", "双河村", "村（社区）未登记"]

    def test_a_missing_rating_breaks_the_balance_and_names_the_child(self, civil, world):
        world.child.care.update(rating="")
        broken = civil().broken
        whole = next(check for check in broken if check.where == "合计")
        assert (whole.rule, whole.left, whole.right) == ("1＝30至32之和", 2, 1)
        assert [line.child_id for line in whole.children] == [world.child.pk]

    def test_a_dropout_stays_on_it(self, civil, world, today):
        from children.services import leave_school

        leave_school(child=world.child, kind="dropout", on=today, by=None)
        figures = civil()
        assert [column(figures, number) for number in (1, 13, 17, 23)] == [2, 1, 1, 1]

    def test_one_away_and_the_other_unable(self, civil, world):
        mother = FamilyMember.objects.get(child=world.child, relation=codes.Relation.MOTHER)
        mother.absences.all().delete()
        mother.status, mother.has_capacity = codes.ParentStatus.AT_HOME, False
        mother.save()
        world.child.care.update(care_type="one_parent")
        figures = civil()
        assert [column(figures, number) for number in (19, 20, 26, 29)] == [1, 1, 1, 1]

    def test_the_page_says_what_is_inferred_and_paper_shows_both_sides(self, world, client):
        client.force_login(world.principal)
        assert "推定" in client.get(reverse("reports:civil_summary")).content.decode()
        with silent_layout():
            shown = text_of(client.get(reverse("reports:civil_print")).content)
        assert "13＋14＝24＋25全表" not in shown
        for word in ("农村留守儿童信息汇总表", "13＋14＝24＋25", "相符", "推定"):
            assert word in shown
        book = client.get(reverse("reports:civil_export"))
        assert openpyxl.load_workbook(io.BytesIO(book.content)).active.max_column == 33

    def test_one_row_for_the_school(self, civil, world):
        assert [row.label for row in civil(by_village=False).table.rows] == ["合　计", world.school.name]


class TestSheets:
    """What a school of ordinary size hands in is not torn over half-empty sheets."""

    def test_the_statistics_of_twelve_classes_stand_on_one_sheet(self, world, today):
        figures = build_statistics(Unit(world.school), on=today, definition=SEED)
        table = replace(figures.table, rows=figures.table.rows[:1] * 12 + figures.table.rows[-1:])
        with silent_layout():
            paper = statistics_paper(replace(figures, table=table), specimens.IMPRINT, large=False)
        (page,) = pages_of(paper.pdf)
        for word in ("监护类型", "三特生", "全部相符", "单位（盖章）"):
            assert word in page

    def test_the_summary_of_six_villages_stands_on_one_sheet(self, civil):
        figures = civil()
        table = replace(figures.table, rows=figures.table.rows[:1] + figures.table.rows[1:2] * 6)
        with silent_layout():
            (page,) = pages_of(civil_paper(replace(figures, table=table), specimens.IMPRINT, large=False).pdf)
        assert page.count("相符") == len(EQUATIONS) + 1
        assert "单位（盖章）" in page

    def test_signatures_under_the_ledger_stand_with_three_children(self, world, today):
        seen = sights(world.principal, Child.objects.values_list("pk", flat=True))
        ledger = build_ledger(Unit(world.school), on=today, definition=SEED, ask=LedgerAsk(), sights=seen)
        for many in range(18, 22):
            listed = replace(ledger, rows=ledger.rows[:1] * many)
            with silent_layout():
                pages = pages_of(ledger_paper(listed, specimens.IMPRINT, large=False).pdf)
            assert "单位（盖章）" in pages[-1]
            assert pages[-1].count(ledger.rows[0].name) >= 3


@pytest.mark.parametrize(
    "group, address, village",
    [
        ("双河村三组", "", "双河村"),
        ("三组", "云禾县青榕镇龙塘村27号", "龙塘村"),
        ("", "云禾县青榕镇河街社区5号", "河街社区"),
        ("三组", "", "村（社区）未登记"),
    ],
)
def test_villages_are_read_from_group_or_address(group, address, village):
    assert village_of(Child(village_group=group, address=address)) == village
