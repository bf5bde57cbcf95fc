"""Dates and numbers in English: the month in letters, so that nobody wonders which number is the day."""

DATE_FORMAT = "j M Y"
YEAR_MONTH_FORMAT = "F Y"
SHORT_DATE_FORMAT = "j M"
TIME_FORMAT = "H:i"
# How a browser takes a time of day.
TIME_INPUT_FORMATS = ["%H:%M", "%H:%M:%S"]
DATETIME_FORMAT = "j M Y H:i"
SHORT_DATETIME_FORMAT = "j M H:i"
DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
