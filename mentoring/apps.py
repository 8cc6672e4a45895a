from django.apps import AppConfig


class MentoringConfig(AppConfig):
    name = "mentoring"
    verbose_name = "结对帮扶"

    def ready(self) -> None:
        from caretrack.access.policy import Act
        from caretrack.schools import succession
        from caretrack.web.navigation import Section, register
        from children import leaving
        from mentoring import access, catalogue, history, tables, timeline  # noqa: F401
        from mentoring.charging import end_charge_of, reopen_charge_of
        from mentoring.models import LeaderCharge, Pairing, PeerPairing, SupportPlan
        from mentoring.peers import end_peers_of, reopen_peers_of
        from mentoring.queries import left_by
        from mentoring.services import end_pairings_of, reopen_pairings_of
        from mentoring.support import end_plans_of, reopen_plans_of

        succession.register(succession.Kept("结对的学生", "名", left_by))
        timeline.register()
        history.register()
        leaving.register(Pairing, "child", end_pairings_of, reopen_pairings_of)
        leaving.register(LeaderCharge, "child", end_charge_of, reopen_charge_of)
        leaving.register(PeerPairing, ("child", "peer"), end_peers_of, reopen_peers_of)
        leaving.register(SupportPlan, "child", end_plans_of, reopen_plans_of)
        register("结对", "mentoring:board", "person-hearts", Act.PAIRING_VIEW, 40, section=Section.CHILDREN)
        register(
            "协议与责任书", "mentoring:paper_list", "file-earmark-text", Act.PAPER_VIEW, 42, section=Section.CHILDREN,
            short="协议",
        )  # fmt: skip
