"""How offices write cells."""

from contextlib import suppress
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets.policy import (
    CellError,
    Formula,
    date_of,
    digits_of,
    index_of,
    is_footer,
    letter_of,
    moment_of,
    text_of,
    tick_of,
)

DAY = date(2019, 7, 9)


@pytest.mark.parametrize(
    "written",
    [
        "2019.7.9",
        "2019/7/9",
        "2019-07-09",
        "2019年7月9日",
        "20190709",
        "２０１９．７．９",
        " 2019-7-9 ",
        "2019-07-09 00:00:00",
        43655,
        43655.0,
        20190709,
        20190709.0,
        datetime(2019, 7, 9, 8, 30),  # noqa: DTZ001 - a cell has no zone
        DAY,
    ],
)
def test_a_date_is_understood_however_it_is_written(written) -> None:
    assert date_of(written) == DAY


def test_a_month_without_a_day_is_its_first_and_an_empty_cell_is_none() -> None:
    assert date_of("2019年7月") == date(2019, 7, 1)
    assert date_of("2019.7") == date(2019, 7, 1)
    assert date_of("") is None
    assert date_of(None) is None


@pytest.mark.parametrize(
    ("written", "code"),
    [("2019-02-30", "no_such_day"), ("20191301", "no_such_day"), ("去年", "not_a_date"), (Formula(), None)],
)
def test_what_is_no_date_is_refused_by_its_own_word(written, code) -> None:
    if code is None:
        assert date_of(written) is None
        return
    with pytest.raises(CellError) as error:
        date_of(written)
    assert error.value.code == code


@given(st.dates(min_value=date(1901, 1, 1), max_value=date(2090, 12, 31)))
def test_every_day_is_the_same_however_it_is_written(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    plain = (f"{day:%Y%m%d}", f"{day.year}.{day.month}.{day.day}", f"{day.year}年{day.month}月{day.day}日", serial)
    assert {date_of(written) for written in plain} == {day}


@pytest.mark.parametrize("written", ["是", "√", "1", 1, 1.0, True, "已装", "有", "Y", "ｙｅｓ"])
def test_a_tick_is_yes_in_all_its_spellings(written) -> None:
    assert tick_of(written) is True


@pytest.mark.parametrize("written", ["否", "×", "0", 0, False, "未安装", "无", "no"])
def test_a_tick_is_no_in_all_its_spellings(written) -> None:
    assert tick_of(written) is False


def test_a_tick_that_says_nothing_is_none_and_a_story_is_refused() -> None:
    assert tick_of("") is None
    assert tick_of("不详") is None
    with pytest.raises(CellError):
        tick_of("装了又删了")


@pytest.mark.parametrize("written", [9.999991995031502e17, 999999199503150000, "3.7E+17", "9.99999E+17"])
def test_a_number_that_lost_its_last_digits_is_refused_and_says_what_to_do(written) -> None:
    with pytest.raises(CellError) as error:
        digits_of(written)
    assert error.value.code == "digits_lost"


def test_a_phone_number_kept_as_a_number_is_whole() -> None:
    assert digits_of(19900000023.0) == "19900000023"
    assert digits_of("１９９００００００２３") == "19900000023"


def test_the_commas_of_a_sentence_stay_what_they_are() -> None:
    assert text_of("耳背，敲门要大声　") == "耳背，敲门要大声"


@pytest.mark.parametrize("first", ["合计", "合 计", "填报人：", "审核人:王", "注：以上", "Total"])
def test_totals_and_signatures_are_no_rows(first) -> None:
    assert is_footer(first)


@pytest.mark.parametrize("first", [1.0, "", "王合计", None])
def test_what_only_looks_like_a_total_is_a_row(first) -> None:
    assert not is_footer(first)


@given(st.integers(min_value=0, max_value=16_383))
def test_the_letters_of_a_column_and_its_place_are_each_others_opposite(index: int) -> None:
    assert index_of(letter_of(index)) == index


ANYTHING = st.one_of(
    st.text(max_size=40), st.floats(), st.integers(), st.booleans(), st.dates(), st.datetimes(), st.none()
)


@given(ANYTHING)
def test_no_cell_is_anything_but_a_value_or_a_message(value) -> None:
    for read in (text_of, date_of, tick_of, digits_of):
        with suppress(CellError):
            read(value)


@given(st.datetimes(datetime(1900, 3, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0)))  # noqa: DTZ001
def test_a_moment_is_read_back_as_it_was_written_in_every_way(at: datetime) -> None:
    serial = (at - datetime(1899, 12, 30)) / timedelta(days=1)  # noqa: DTZ001 - a cell has no zone
    assert moment_of(at) == moment_of(at.isoformat(" ")) == moment_of(serial) == at
    assert moment_of(f"{at.year}年{at.month}月{at.day}日{at:%H时%M分%S秒}") == at
    assert moment_of(at.isoformat("T", "minutes")) == at.replace(second=0)


@given(st.text(max_size=20))
def test_whatever_a_cell_says_is_a_moment_or_refused_in_words(text: str) -> None:
    with suppress(CellError):
        assert moment_of(text) is None or isinstance(moment_of(text), datetime)
