from datetime import date

import pytest

from knowledge.wareki import fiscal_year, kanji_number, wareki, years


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("令和6年度に", [(2024, True, None, None)]),
        ("R6.7.30", [(2024, False, 7, 30)]),
        ("令和６年３月12日", [(2024, False, 3, 12)]),
        ("昭和61年度に創設", [(1986, True, None, None)]),
        ("令和6(2024)年度", [(2024, True, None, None)]),
        ("2025(令和7)年4月発行", [(2025, False, 4, None)]),
        ("7,250千人(R2) → 7,468千人(R7)", [(2020, False, None, None), (2025, False, None, None)]),
        ("FY2024", [(2024, True, None, None)]),
        ("令和元年", [(2019, False, None, None)]),
        ("電話 0134-23-8035", []),
        ("63,200人 1.5m 第11回", []),
    ],
)
def test_years(text, expected):
    assert [(m.year, m.fiscal, m.month, m.day) for m in years(text)] == expected


def test_a_date_before_april_lies_in_the_fiscal_year_before():
    assert years("令和7年2月18日")[0].fiscal_year() == 2024
    assert fiscal_year(date(2025, 3, 31)) == 2024


def test_wareki():
    assert wareki(2024) == "令和6年"
    assert wareki(2019, fiscal=True) == "令和元年度"
    assert wareki(1986, fiscal=True) == "昭和61年度"


def test_kanji_numbers():
    assert [kanji_number(s) for s in ("元", "六", "十二", "二十", "12", "千")] == [1, 6, 12, 20, 12, None]
