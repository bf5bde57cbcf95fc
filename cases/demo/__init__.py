"""Cases to try the program with, and what was found behind them. All invented."""

from cases.demo.ledger import make_cases
from cases.demo.lookbacks import make_look_backs

__all__ = ["make_cases", "make_look_backs"]
