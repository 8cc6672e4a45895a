from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    name = "activities"
    verbose_name = "关爱记录"

    def ready(self) -> None:
        from activities import (  # noqa: F401
            catalogue,
            catalogue_family,
            catalogue_worries,
            gathering_photos,
            handed_over,
            history,
            left_open,
            night_duty,
            safety_told,
            timeline,
        )
        from activities.calls import cancel_open_bookings
        from activities.counselling import cancel_appointments
        from activities.family import timeline as family_timeline
        from activities.follow_ups import close_open_follow_ups, reopen_follow_ups
        from activities.groups import leave_all, rejoin_all
        from activities.honours.rounds import lapse_of, stand_again
        from activities.incidents.suspects import suspected
        from activities.models import AwardNomination, CallBooking, CounsellingAppointment, FollowUp, GroupMember
        from activities.queries import pairings_lived
        from activities.record_photos import remove_after_withdrawal
        from caretrack.access.policy import Act
        from caretrack.web.navigation import Leaf, Section, register
        from children import leaving, not_called
        from children.models import Consent
        from children.photos import on_withdrawal
        from children.tables.writing import spare_if
        from mentoring.models import Pairing

        leaving.register(CallBooking, "child", cancel_open_bookings)
        leaving.register(CounsellingAppointment, "child", cancel_appointments)
        leaving.register(FollowUp, "child", close_open_follow_ups, reopen_follow_ups)
        handed_over.register()
        left_open.register()
        not_called.register(suspected)
        for purpose, act in (
            (Consent.Purpose.PHOTO, remove_after_withdrawal),
            (Consent.Purpose.PHOTO, gathering_photos.remove_after_withdrawal),
            (Consent.Purpose.PUBLICITY, gathering_photos.remove_publicity),
        ):
            on_withdrawal(purpose, act)
        timeline.register()
        family_timeline.register()
        history.register()
        safety_told.register()
        spare_if(Pairing, pairings_lived)
        leaving.register(GroupMember, "child", leave_all, rejoin_all)
        leaving.register(AwardNomination, "child", lapse_of, stand_again)
        register("工作台", "workbench", "house", Act.HOME, 0)
        register("记一次", "activities:record_add", "pencil-square", Act.RECORD_WRITE, 10)
        register(
            "关爱记录", "activities:record_list", "journal-text", Act.RECORD_LIST, 30, short="记录",
            leaves=(
                Leaf("记录", "activities:record_list", Act.RECORD_LIST),
                Leaf("多久没谈心", "activities:silence_list", Act.RECORD_LIST),
                Leaf("跟进事项", "activities:follow_up_list", Act.RECORD_LIST),
            ),
        )  # fmt: skip
        register(
            "关爱项目", "activities:duty_matrix", "card-checklist", Act.PROGRAMME_VIEW, 31, short="项目",
            leaves=(
                Leaf("完成情况", "activities:duty_matrix", Act.PROGRAMME_VIEW),
                Leaf("成长目标", "activities:goal_list", Act.GOALS),
            ),
        )  # fmt: skip
        register(
            "安全与预警",
            "activities:safety",
            "shield-check",
            Act.WORRY_REPORT,
            33,
            short="安全",
            covers=(
                "activities:worry_list",
                "activities:incident_list",
                "activities:alert_list",
                "activities:level_list",
                "activities:absence_home",
                "activities:case_list",
                "activities:night_home",
            ),
        )
        register(
            "亲情联系",
            "activities:call_board",
            "telephone",
            Act.RECORD_LIST,
            34,
            covers=("activities:letter_list", "activities:note_list", "activities:opening_list"),
        )
        register(
            "活动和会议",
            "activities:event_list",
            "calendar-event",
            Act.EVENT_VIEW,
            35,
            section=Section.DAILY,
            covers=(
                "activities:meeting_list",
                "activities:group_list",
                "activities:priorities",
                "activities:campaign_list",
                "activities:homecoming_many",
                "activities:festive_days",
                "activities:award_round_list",
            ),
            short="活动",
        )
        register("帮扶计划", "activities:support_list", "clipboard-heart", Act.PLAN_VIEW, 41, section=Section.CHILDREN)
        register("家校联系", "activities:feedback_list", "envelope-heart", Act.FAMILY, 42, section=Section.CHILDREN)
