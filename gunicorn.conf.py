"""Gunicorn's own lines look like the program's: it finds this file by itself in the folder that it is started in."""

import os
import sys

from antifraud.environment import read_log_format
from antifraud.logs import log_settings

logconfig_dict = log_settings(read_log_format(os.environ, is_terminal=sys.stderr.isatty()))
