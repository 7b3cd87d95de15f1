"""Telegram: python-telegram-bot's client on a Bot API of this machine, polling or by webhook.

Group and desk are forums, or plain groups."""

import json
import sys
from itertools import count
from pathlib import Path
from urllib.request import Request, urlopen

sys.path.insert(0, str(Path(__file__).parents[2] / "adapters" / "telegram"))
from bot_api_server import BOT, TOKEN, BotApiServer, running
from loopback import wait_for
from platform_driver import DESK, GROUP, Shown

from adapters.pacing import Pace
from adapters.telegram.api import Api
from adapters.telegram.platform import Telegram
from adapters.telegram.webhook import PATH
from bot.texts import Texts

PEOPLE = {"ann": 7001, "bob": 7002, "clerk": 55, "chief": 9}
CHATS = {GROUP: -1001000000555, DESK: -1001000000777}
TALK = 12
"""The topic of the group in which everybody talks."""
QUICK = Pace(0.01, 20)


class TelegramDriver:
    def __init__(self, *, topics: bool = True, secret: str = "") -> None:
        self._running = running()
        self.server: BotApiServer = self._running.__enter__()
        if topics:
            self.server.forums |= set(CHATS.values())
            self.server.topics[CHATS[GROUP]].add(TALK)
        self.desk = f"telegram:{CHATS[DESK]}" + ("/topics" if topics else "")
        self._talk = TALK if topics else 0
        self._secret, self._target = secret, ""
        self._apis: list[Api] = []
        self.renew()
        self._updates, self._messages = count(5000), count(100)

    def user(self, person):
        return f"telegram:{_number(person)}"

    def connect(self, port):
        self._target = f"http://127.0.0.1:{port}{PATH}"

    def say(self, person, text, place="", *, below=None, spoken_to=True, times=1, file=False, **more):
        named = f"@{BOT['username']} {text}" if place == GROUP and spoken_to else text
        content = {"document": {"file_id": "D", "file_unique_id": "d", "file_size": 9}} if file else {}
        content |= ({"caption": named} if file and text else {} if file else {"text": named}) | more
        if below and not self._talk:
            content["reply_to_message"] = _bare(self.server.messages[int(below.id)])
        self._push(person, place, content, int(below.thread) if below and self._talk else 0, times)

    def command(self, person, text, place=""):
        self._push(person, place, {"text": f"/{text}"})

    def press(self, person, shown, label):
        message = self.server.messages[int(shown.id)]

        def found():  # a card may be about to change
            rows = (message["given"].get("reply_markup") or {}).get("inline_keyboard", ())
            return next((key["callback_data"] for row in rows for key in row if key["text"] == label), None)

        data = wait_for(found)
        bare = _bare(message)
        topic = {"is_topic_message": True} if bare.get("message_thread_id") else {}
        query = {"id": f"q{next(self._updates)}", "from": self._person(person), "chat_instance": "1", "data": data}
        self._deliver({"update_id": next(self._updates), "callback_query": query | {"message": bare | topic}})

    def fill(self, person, shown, label, text):
        """The press is answered with a question that forces a reply."""
        seen = set(self.server.messages)
        self.press(person, shown, label)

        def asked():
            new = [m for number, m in list(self.server.messages.items()) if number not in seen]
            return next((m for m in new if m["given"].get("reply_markup", {}).get("force_reply")), None)

        message = wait_for(asked)
        place = next((name for name, chat in CHATS.items() if chat == message["chat"]["id"]), person)
        self._push(
            person, place, {"text": text, "reply_to_message": _bare(message)}, message.get("message_thread_id", 0)
        )

    def shown(self, place):
        chat = CHATS.get(place) or _number(place)
        with self.server.lock:
            messages = [message for message in self.server.messages.values() if message["chat"]["id"] == chat]
            return [self._shown(place, message) for message in messages]

    def trouble(self, *faults):
        answers = {
            "429": (429, {"ok": False, "error_code": 429, "parameters": {"retry_after": 1}}),
            "500": (500, {"ok": False, "error_code": 500, "description": "Internal Server Error"}),
            "dropped": "cut",
        }
        for fault in faults:
            if fault.startswith("gone:"):
                self.server.blocked.add(_number(fault.partition(":")[2]))
            else:
                self.server.faults["sendMessage"].append(answers[fault])

    def renew(self):
        api = Api(TOKEN, self.server.url)
        self._apis.append(api)
        door = {"webhook_url": f"https://bot.example.jp{PATH}", "secret": self._secret} if self._secret else {}
        self.platform = Telegram(api, Texts.load(), desks=[self.desk], private=QUICK, group=QUICK, **door)

    def close(self):
        for api in self._apis:
            api.close()
        self._running.__exit__(None, None, None)

    def _shown(self, place, message):
        given = message["given"]
        rows = (given.get("reply_markup") or {}).get("inline_keyboard", ())
        answered = given.get("reply_parameters", {}).get("message_id", "")
        thread = str(message.get("message_thread_id") or answered)
        labels = tuple(key["text"] for row in rows for key in row)
        return Shown(str(message["message_id"]), place, message["text"], labels, thread)

    def _person(self, person):
        return {"id": _number(person), "is_bot": False, "first_name": person, "language_code": "ja"}

    def _push(self, person, place, content, topic=0, times=1):
        chat = {"id": CHATS.get(place) or _number(person), "type": "supergroup" if place in CHATS else "private"}
        topic = topic or (self._talk if place == GROUP else 0)
        within = {"message_thread_id": topic, "is_topic_message": True} if topic else {}
        message = {"message_id": next(self._messages), "from": self._person(person), "chat": chat, "date": 1}
        update = {"update_id": next(self._updates), "message": message | within | content}
        self._deliver(*[update] * times)

    def _deliver(self, *updates):
        """Until they are confirmed, or acknowledged: then the inbox has them."""
        if not self._secret:
            self.server.push(*updates)
            return wait_for(lambda: not self.server.updates)
        for update in updates:
            headers = {"X-Telegram-Bot-Api-Secret-Token": self._secret, "Content-Type": "application/json"}
            urlopen(Request(self._target, json.dumps(update).encode(), headers), timeout=20).close()


def _number(person):
    """The id of a person; whoever is not listed is a further resident."""
    return PEOPLE.setdefault(person, 20_000 + len(PEOPLE))


def _bare(message):
    return {name: value for name, value in message.items() if name != "given"}


def make():
    return TelegramDriver()
