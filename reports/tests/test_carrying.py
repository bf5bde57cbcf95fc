"""Words that a person mended, when the numbers under them move."""

from hypothesis import given
from hypothesis import strategies as st

from reports.policy import carried_sections, numbers_of_their_own

LINES = st.lists(st.text("甲乙丙123", min_size=1, max_size=4), unique=True, max_size=6)


def carried(written: str, before: str, now: str) -> str:
    return carried_sections({"steps": written}, before={"steps": before}, now={"steps": now})["steps"]


@given(LINES.filter(bool), LINES)
def test_what_nobody_mended_becomes_the_new_draft(before: list[str], now: list[str]) -> None:
    assert carried("\n".join(before), "\n".join(before), "\n".join(now)) == "\n".join(now)


@given(LINES, LINES)
def test_a_line_of_their_own_stays_whatever_the_draft_says(before: list[str], now: list[str]) -> None:
    assert "逐户上门。" in carried("\n".join([*before, "逐户上门。"]), "\n".join(before), "\n".join(now)).splitlines()


def test_a_line_that_was_struck_out_does_not_come_back() -> None:
    assert carried("共 2 起。", "共 2 起。\n损失 3 元。", "共 5 起。\n损失 9 元。") == "共 5 起。"


def test_a_number_that_somebody_wrote_is_counted_and_a_drafted_one_is_not() -> None:
    assert numbers_of_their_own("共 2 起。\n走访 30 户。\n逐户上门。", drafted="共 2 起。") == 1
