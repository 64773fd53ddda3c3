#!/usr/bin/env python
"""Django's commands; those that change tables run as the owner of the database, all others as the application."""

import gc
import os
import sys

# Commands that ask neither database nor settings: run without loading the whole portal, which takes seconds.
LIGHT_COMMANDS = {
    "check-id",
    "reference",
    "match-deposits",
    "imss-path",
    "family-view",
    "settle",
    "claim-auto",
    "match-certificate",
}
OWNER_COMMANDS = {"migrate", "makemigrations", "sqlmigrate", "showmigrations", "flush", "test"}


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS:
        os.environ["DATABASE_AS_OWNER"] = "true"  # whatever the processes are told: the application changes no table
    from config import command_words

    command_words.speak_spanish()
    if len(sys.argv) > 1 and sys.argv[1] in LIGHT_COMMANDS:
        from importlib import import_module

        light = import_module(f"config.ruledesk.management.commands.{sys.argv[1]}").Command()
        command_words.spoken(light).run_from_argv(sys.argv)
        return
    from django.core.exceptions import ImproperlyConfigured

    try:
        command_words.Commands(sys.argv).execute()
    except ImproperlyConfigured as error:  # a setting that is wrong is the operator's to mend: its sentence is enough
        sys.exit(f"✗ {error}")


if __name__ == "__main__":
    try:
        main()
    finally:
        gc.freeze()  # all of it goes now: to look for garbage in it first is a fifth of a short command
