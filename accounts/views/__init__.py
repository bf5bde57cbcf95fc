"""Accounts: views, by what they are about."""
