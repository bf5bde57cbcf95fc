#!/usr/bin/env python
"""Run a management command of the project: ``python manage.py help`` lists them."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Point Django at the project's one settings file and hand over to it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "antifraud.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
