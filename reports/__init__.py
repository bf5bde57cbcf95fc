"""Figures and monthly reports. The top floor: it reads everybody and nobody reads it."""
