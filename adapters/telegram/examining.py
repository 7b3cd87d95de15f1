"""For `renkei doctor`: is the token right, how do updates come in, and may the bot do at the desks what it has to?"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from adapters.telegram.address import Address, address
from adapters.telegram.api import Api, ApiError, Refused
from adapters.telegram.faults import moved_to

Finding = tuple[bool, str]
_UNTIL = "それまでは、相談は返信の並びで届きます。"


def examine(api: Api, mode: str, desks: Iterable[str]) -> Iterator[Finding]:
    """What is right and what is wrong, each in a sentence. `desks`: destinations of DESKS_FILE."""
    try:
        me = api.call("getMe")
    except Refused as error:
        yield False, _refused(error)
        return
    except ApiError:
        yield False, "Telegram につながりません。ネットワーク(プロキシなら HTTPS_PROXY)を確かめてください。"
        return
    yield True, f"ボット @{me.get('username', '?')} としてつながります"
    yield _privacy(me)
    yield from _asked(lambda: _updates(api.call("getWebhookInfo"), mode))
    for where in dict.fromkeys(filter(None, map(address, desks))):
        yield from _asked(lambda where=where: _desk(api, where, me.get("id")), f"窓口 {where.chat}")  # type: ignore[misc]


def _asked(look: Callable[[], Iterable[Finding]], whose: str = "受信の設定") -> list[Finding]:
    try:
        return list(look())
    except ApiError:
        return [(False, f"{whose}: 調べられませんでした。少しおいて、もう一度お試しください。")]


def _refused(error: Refused) -> str:
    if error.code in (401, 404):
        return "トークンが受け付けられません。BotFather の /token で確かめ、TELEGRAM_BOT_TOKEN を直してください。"
    return f"Telegram が断りました({error.code})。少しおいて、もう一度お試しください。"


def _privacy(me: dict[str, Any]) -> Finding:
    if me.get("can_join_groups") is False:
        return False, "グループに入れません。BotFather の /setjoingroups で Enable にしてください。"
    if me.get("can_read_all_group_messages"):
        return (
            True,
            "プライバシーモードが切れていて、グループのすべての発言が届きます(BotFather の /setprivacy)",
        )
    return True, "プライバシーモードです(グループでは、ボットあての発言だけが届きます)"


def _updates(info: dict[str, Any], mode: str) -> Iterator[Finding]:
    url, waiting = info.get("url") or "", info.get("pending_update_count", 0)
    if mode == "webhook":
        yield bool(url), "webhook が登録されています" if url else "webhook は renkei serve の起動時に登録されます"
        if info.get("last_error_message"):
            yield False, "webhook に届かなかった受信があります。TELEGRAM_WEBHOOK_URL と証明書を確かめてください。"
    elif url:
        yield True, "webhook が残っています。renkei serve の起動時に外します(受信待ちは残ります)"
    yield True, f"受信待ち {waiting} 件"


def _desk(api: Api, where: Address, me: object) -> Iterator[Finding]:
    try:
        chat = api.call("getChat", chat_id=where.chat)
        member = api.call("getChatMember", chat_id=where.chat, user_id=me)
    except Refused as error:
        new = moved_to(error)
        moved = f"グループの番号が {new} に変わりました。DESKS_FILE を書き換えてください。"
        absent = "ボットがいないか、番号が違います。グループに招き、DESKS_FILE を確かめてください。"
        yield False, f"窓口 {where.chat}: {moved if new else absent}"
    else:
        good, words = rights(where, chat, member)
        yield good, f"窓口 {where.chat}: {words}"


def rights(where: Address, chat: dict[str, Any], member: dict[str, Any]) -> Finding:
    """What the bot may do at a desk, by the answers of getChat and getChatMember. Pure."""
    if member.get("status") in ("left", "kicked"):
        return False, "ボットがグループから外されています。もう一度招いてください。"
    if not where.topics:
        return True, "つながります(相談は返信の並びで届きます)"
    if not chat.get("is_forum"):
        return False, f"トピックが切れています。グループの設定で入れてください。{_UNTIL}"
    if member.get("status") != "creator" and not member.get("can_manage_topics"):
        return False, f"ボットを管理者にし、「トピックの管理」を許してください。{_UNTIL}"
    return True, "相談ごとにトピックを作れます"
