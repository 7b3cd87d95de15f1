from datetime import date

import pytest

from bot.calls import Call, stale_call

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "written", "call"),
    [
        ("参加する企業を募集しています。", "2025-02", Call(None)),
        ("参加する企業を募集しています。", "2026-10", None),
        ("参加する企業を募集しています。", None, Call(None)),
        ("意見を募集します。締切は令和8年10月30日です。", "2026-10", Call(date(2026, 10, 30))),
        ("申し込みは令和8年12月10日まで受け付けています。", "2026-10", None),
        ("応募をお待ちしています(令和8年9月まで)。", "2026-08", Call(date(2026, 9, 30))),
        ("参加する企業を募集しました。", "2025-02", Call(None)),
        ("夏にアイデアを募集する取組を行いました。", "2025-02", None),
    ],
)
def test_a_call_is_as_old_as_its_source(text, written, call):
    assert stale_call([(text, written)], TODAY) == call


def test_no_text_makes_no_call():
    assert stale_call([], TODAY) is None
