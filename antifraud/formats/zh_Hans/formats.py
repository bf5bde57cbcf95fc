"""Dates and numbers as Chinese offices write them. Sums are grouped by thousands, as banks print them."""

DATE_FORMAT = "Y年n月j日"
YEAR_MONTH_FORMAT = "Y年n月"
SHORT_DATE_FORMAT = "m-d"
TIME_FORMAT = "H:i"
# How a browser takes a time of day.
TIME_INPUT_FORMATS = ["%H:%M", "%H:%M:%S"]
DATETIME_FORMAT = "Y年n月j日 H:i"
SHORT_DATETIME_FORMAT = "m-d H:i"
DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
