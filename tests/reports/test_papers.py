"""Every print template with invented data: what stands on it, how it breaks, what it never says."""

from dataclasses import replace

from caretrack.pdf import render_pdf, render_pdf_set
from reports.builders.draw import drawn
from tests.reports import specimens
from tests.support.paper import fonts_of, pages_of, silent_layout, text_of

FACES = {
    "Noto-Serif-CJK-SC",
    "Noto-Serif-CJK-SC-Bold",
    "Noto-Sans-CJK-SC",
    "Noto-Sans-CJK-SC-Bold",
    "LXGW-WenKai",
    "LXGW-WenKai-Bold",
}


def printed(template, **context):
    with silent_layout():
        pdf = render_pdf(template, {"imprint": specimens.IMPRINT, **context}, title="样张")
    assert fonts_of(pdf) <= FACES
    return pdf


def semester_pdf(paper):
    return printed(
        "print/semester.html",
        paper=paper,
        figures=paper.figures,
        charts=drawn(paper.figures.charts),
        signed_date="二〇二六年一月二十日" if paper.signed_on else "",
    )


class TestCards:
    def test_four_on_a_sheet(self):
        assert len(pages_of(printed("print/cards.html", cards=specimens.cards()))) == 2

    def test_everyone_who_answers_for_the_child_is_on_it(self):
        text = text_of(printed("print/cards.html", cards=specimens.cards()))
        for word in (
            "陈欣怡", "13900002002", "陈德顺", "66岁", "村主任", "孙立新", "0851-00001234", "110", "12345", "第3版",
        ):  # fmt: skip
            assert word in text

    def test_a_stale_card_says_so_and_a_gap_is_named(self):
        text = text_of(printed("print/cards.html", cards=specimens.cards()))
        assert text.count("待核对") == 1
        assert "请先核对再使用" in text
        assert "未登记" in text
        assert "未核对" in text

    def test_rare_names_are_whole(self):
        text = text_of(printed("print/cards.html", cards=specimens.cards()))
        assert "龙䶮" in text
        assert "阿依古丽·买买提" in text

    def test_no_cards_is_a_sentence(self):
        none = replace(specimens.cards(), cards=())
        assert "没有需要打印的联系卡" in text_of(printed("print/cards.html", cards=none))


class TestDossier:
    def test_heads_repeat_and_the_child_is_named_on_every_page(self):
        pages = pages_of(printed("print/dossier.html", dossier=specimens.dossier()))
        assert len(pages) == 3
        for page in pages:
            assert "四（1）班陈欣怡" in page
        for page in pages[1:]:
            assert "日期类别方式内容摘要记录人" in page

    def test_withheld_parts_name_the_reason(self):
        text = text_of(printed("print/dossier.html", dossier=specimens.dossier()))
        assert "内容按权限不打印" in text
        assert "家庭经济情况仅限" in text

    def test_who_printed_it_stands_on_every_page(self):
        for page in pages_of(printed("print/dossier.html", dossier=specimens.dossier())):
            assert "打印：赵文静2026年1月20日15:32" in page

    def test_an_empty_dossier_prints(self):
        bare = replace(specimens.dossier(), family=(), sections=(), changes=(), records=(), definitions=())
        text = text_of(printed("print/dossier.html", dossier=bare))
        assert "没有关爱记录" in text
        assert "未登记家庭成员" in text


class TestMonthlyForm:
    def test_a_usual_month_fits_one_page(self):
        pages = pages_of(printed("print/monthly_form.html", form=specimens.monthly_form()))
        assert len(pages) == 1
        for word in (
            "本月表现",
            "存在问题",
            "下月打算",
            "代理家长签名",
            "班主任签名",
            "学校意见（盖章）",
            "与同桌和好",
        ):
            assert word in pages[0]

    def test_an_empty_month_leaves_room_to_write(self):
        pages = pages_of(printed("print/monthly_form.html", form=specimens.monthly_form(written=False, records=0)))
        assert len(pages) == 1
        assert "本月没有记录" in pages[0]

    def test_no_row_is_split_over_pages(self):
        pages = pages_of(printed("print/monthly_form.html", form=specimens.monthly_form(records=14)))
        assert len(pages) == 2
        sentence = "近来上课走神，晚上睡得晚。聊了作息和同桌的矛盾，她愿意自己先跟同桌说清楚。"
        assert sum(page.count(sentence) for page in pages) == 12

    def test_each_form_of_a_class_counts_its_own_pages(self):
        contexts = [
            {"form": specimens.monthly_form(records=count), "imprint": specimens.IMPRINT} for count in (3, 14, 3)
        ]
        pages = pages_of(render_pdf_set("print/monthly_form.html", contexts, title="记录表"))
        assert [page[-6:] for page in pages] == ["第1页共1页", "第1页共2页", "第2页共2页", "第1页共1页"]


class TestMonth:
    def test_titles_state_definition_and_cut_off(self):
        text = text_of(printed("print/month.html", figures=specimens.month(), state_line="已审批", texts=[]))
        assert "表1留守儿童基本情况统计表口径：学校工作口径" in text
        assert "截至2025年11月25日" in text
        for word in ("表2", "表3", "表4", "填表人（签名）", "复核人（签名）", "单位负责人（签名）", "单位（盖章）"):
            assert word in text

    def test_a_long_table_repeats_its_heads_and_loses_no_row(self):
        figures = specimens.month(classes=40)
        pages = pages_of(printed("print/month.html", figures=figures, state_line="", texts=[]))
        heads = "班级在校生留守儿童外出实际监护"
        rows = [row.label for row in figures.tables[0].rows[:-1]]
        assert sum(heads in page for page in pages) == 2
        for label in rows:
            assert sum(label in page for page in pages) == 1

    def test_a_table_over_two_pages_has_its_title_on_both(self):
        figures = specimens.month(classes=14)
        *others, mentors = figures.tables
        many = replace(mentors, rows=mentors.rows[:1] * 40 + mentors.rows[-1:])
        figures = replace(figures, tables=(*others, many))
        pages = pages_of(printed("print/month.html", figures=figures, state_line="", texts=[]))
        holding = [page for page in pages if "孙立新" in page]
        assert len(holding) > 1
        assert all("表4“六个一”完成情况表" in page for page in holding)

    def test_the_signatures_stand_with_the_last_rows(self):
        for classes in range(10, 26, 3):
            figures = specimens.month(classes=classes)
            pages = pages_of(printed("print/month.html", figures=figures, state_line="", texts=[]))
            assert "单位（盖章）" in pages[-1]
            assert "勾稽关系核对" in pages[-1]
            assert "代理家长" in pages[-1]

    def test_tables_follow_each_other_without_half_empty_pages(self):
        for classes, most in ((1, 2), (12, 3), (24, 4)):
            figures = specimens.month(classes=classes)
            pages = pages_of(printed("print/month.html", figures=figures, state_line="", texts=[]))
            assert len(pages) <= most, f"{classes} classes take {len(pages)} pages"

    def test_a_table_of_one_row_goes_where_there_is_room(self):
        pages = pages_of(printed("print/month.html", figures=specimens.month(classes=12), state_line="", texts=[]))
        assert "表2留守儿童动态变化表" in pages[0]

    def test_a_large_school_with_its_texts_and_signatures_takes_three_sheets(self):
        figures = specimens.month(classes=18)
        *others, mentors = figures.tables
        many = replace(mentors, rows=mentors.rows[:1] * 30 + mentors.rows[-1:])
        texts = [(label, "低年级学生作业无人辅导的情况仍较普遍。") for label in ("工作", "亮点", "问题", "打算")]
        pages = pages_of(
            printed("print/month.html", figures=replace(figures, tables=(*others, many)), state_line="", texts=texts)
        )
        assert len(pages) == 3

    def test_care_stands_in_three_blocks_and_loses_no_line(self):
        care = next(table for table in specimens.month().tables if table.side_by_side)
        assert {len(line) for line in care.abreast} == {3}
        shown = [row for block in zip(*care.abreast, strict=True) for row in block if row]
        assert shown == list(care.rows)

    def test_breaks_are_counted_without_names(self):
        text = text_of(printed("print/month.html", figures=specimens.month(broken=True), state_line="", texts=[]))
        assert "不平，涉及1人" in text
        assert "陈欣怡" not in text

    def test_agreement_is_one_line(self):
        text = text_of(printed("print/month.html", figures=specimens.month(), state_line="", texts=[]))
        assert "核对关系共24项，全部相符" in text


class TestSemester:
    def test_gaps_are_marked_and_nothing_is_invented(self):
        text = text_of(semester_pdf(specimens.semester()))
        assert text.count("（此处由学校填写：") == 4
        assert "征求意见稿" in text

    def test_entered_text_takes_the_place_of_the_gap(self):
        text = text_of(semester_pdf(specimens.semester(written=True)))
        assert "此处由学校填写" not in text
        assert "十一月组织安全应急演练一次" in text
        assert "二〇二六年一月二十日" in text
        assert "征求意见稿" not in text

    def test_rates_stand_with_numerator_and_denominator(self):
        text = text_of(semester_pdf(specimens.semester()))
        assert "留守率12348625.3%" in text
        assert "辍学率00—" in text

    def test_sections_in_order_and_page_numbers(self):
        pages = pages_of(semester_pdf(specimens.semester()))
        text = "".join(pages)
        at = [
            text.index(head)
            for head in ("一、基本情况", "二、主要措施", "三、取得的成绩", "四、存在的问题", "五、下步打算")
        ]
        assert at == sorted(at)
        assert f"第1页共{len(pages)}页" in pages[0]

    def test_the_signature_is_never_alone_on_a_page(self):
        for written in (False, True):
            last = pages_of(semester_pdf(specimens.semester(written=written)))[-1]
            assert "（盖章）" in last
            assert "五、下步打算" in last

    def test_without_an_earlier_term_nothing_is_compared(self):
        text = text_of(semester_pdf(specimens.semester(earlier=False)))
        assert "没有上学期的登记数据，不作比较。" in text
        assert "在册留守儿童（人）123" in text
        assert "与上学期比较" not in text
