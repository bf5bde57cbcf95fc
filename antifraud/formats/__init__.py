"""How dates and numbers are written, by language: settings of Django's own names, read by ``accounts.formats``."""
