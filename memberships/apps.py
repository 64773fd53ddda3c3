from django.apps import AppConfig


class MembershipsConfig(AppConfig):
    name = "memberships"
    label = "memberships"

    def ready(self) -> None:
        """Tell the floor which rules are memberships' own."""
        from memberships import shipped
        from portal.rulebook.registry import register_rules

        register_rules(shipped.FAMILIES, shipped.RULES)
