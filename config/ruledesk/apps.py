from django.apps import AppConfig


class RuleDeskConfig(AppConfig):
    name = "config.ruledesk"
    label = "ruledesk"
