"""What a chat platform is to `renkei serve`: parse – call – render. One class a platform fulfils `Platform`.

receive(event) → inbox → parse → `dealing.py` → outbox → send

`parse` and the rendering inside `send` are pure; `start` commits every event with `receive` before it acknowledges it.
A module `adapters.<name>.platform` has `build(settings) -> Platform`; `adapters/platforms.py` finds it by its setting.

Payload of an outgoing message, written by the core for every platform alike (all but `text` may be absent):

| field      | meaning |
|------------|---------|
| `text`     | all that the person reads, without markup; plain text of any length, the platform splits and escapes it |
| `buttons`  | [{action, label, value}], most likely first; action and value together have at most 64 bytes |
| `lang`     | "ja", "ja-easy", "en", "zh" |
| `status`   | that of the reply, for its looks |
| `quotes`   | [{head, text}]: the very words of the sources, to be set apart (block quote); `text` holds them too |
| `table`    | {title, columns: […], rows: [[…]]}: what `text` says in lines, for platforms that have tables |
| `to`       | "slack:U…": for this person's eyes alone where the platform can (ephemeral); else a plain message there |
| `via`      | what `Heard.via` held, handed back: a response address, the message to answer, the team |
| `card`     | receipt number: this message is the card of a case. Where there are topics, it opens one |
| `below`    | key of the message below which it belongs; `below_id`: the platform's id of that, None if it is unknown |
| `edits`    | key of the message whose place it takes; `edits_id`: the platform's id of that. None: post it anew |
| `asks`     | an Action: what the person writes in answer to this message is the text of that action (force a reply) |
| `home`     | true: this is the person's home page, not a message; {destination} is the person |
| `keep`     | true: a later message will edit this one |
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from adapters.pacing import Pace
from bot.cases.form import Form
from bot.message import Message
from bot.post import Event, Outgoing

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from adapters.settings import Settings
    from bot.streaming import OnSentence

Receive = Callable[[Event], bool]
"""Commits an event to the inbox; False where it was known. Raises where it could not be kept: then do not acknowledge,
answer 503, or try again with the next poll."""

UNKNOWN = ("sticker", "voice", "image", "video", "file", "location", "contact", "poll", "edited", "deleted", "other")
"""Kinds of messages that cannot be read: the keys of [unknown] in bot/texts."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What `parse` makes of an event.

    `message`: thread "slack:C…/ts" or "telegram:123/5", which is also where a reply is sent; user "slack:U…"; `key`
    unique for each Heard; `action` and `value` of a button, with `text` where a form was filled in.
    """

    message: Message
    desk: str = ""
    """The destination of the place where it was said, if this may be a staff desk: "slack:C…", "telegram:-100…"."""
    card_thread: str = ""
    """The thread or topic in which it was said at a desk; "" outside of any."""
    answers: str = ""
    """The platform's id of the message that it answers directly (Telegram: reply_to_message), if there is one."""
    command: str = ""
    """What follows the name of a command: "/renkei 連絡先 余市" → "連絡先 余市", "/contacts 余市" → "contacts 余市",
    "/start" → "start", "/forget" → "forget"; "help" where nothing follows. The opened home page is "home"."""
    office: str = ""
    """The new office of a transfer that was made with a form."""
    form: Form | None = None
    """A consultation that was filled in on a form; `message.action` is CONSULT then."""
    private: bool = False
    """The reply is for this person's eyes alone (slash command in a channel, button at a desk)."""
    engaged: bool = True
    """False: the bot was not spoken to. It goes on only in a thread where the bot takes part already."""
    unknown: str = ""
    """One of UNKNOWN; its text or caption, if any, is in `message`."""
    via: Mapping[str, Any] = field(default_factory=dict)
    """What the platform wants back in the payload of the reply, as JSON allows. The core reads two of them: "lang",
    the person's language if the platform knows it; "form", true where a form was opened that asks for more."""


class Platform(Protocol):
    """One platform. `start` is called once, after the model is warm; nothing connects before."""

    @property
    def name(self) -> str:
        """ "slack": what destinations, threads and users begin with."""
        ...

    def parse(self, event: Event) -> Sequence[Heard]:
        """What was said, done or pressed; nothing where it concerns nobody. Pure; tolerates unknown fields."""
        ...

    def working(self, heard: Heard) -> "OnSentence | None":
        """Show that an answer is being made, as soon as the work begins. Best effort: returns within a second, raises
        nothing. What it returns is handed whole sentences of the answer, to be shown while it is written; the message
        with the key `reply:{heard.message.key}` then takes its place. None: not possible here, or not worth it."""
        ...

    def send(self, outgoing: Outgoing) -> str:
        """Post it; the platform's id of the message, as `bot.ports.ChatPlatform.send`. A `repeated` one begins with the
        text `command.repeated` of its language. Of a message at a desk the id is
        "thread/message" where threads have ids of their own (a topic), else the message's own (Slack: ts)."""
        ...

    def find(self, outgoing: Outgoing) -> str | None:
        """As `bot.ports.ChatPlatform.find`."""
        ...

    def pace(self, destination: str) -> Pace:
        """How fast `destination` may be posted to."""
        ...

    def start(self, receive: Receive) -> None:
        """Connect, in threads of its own, and return. Raises PlatformError where it never can (wrong
        token). Where there is no network yet it goes on trying, and is not `connected`."""
        ...

    def stop(self, seconds: float) -> None:
        """Take nothing more, and end within `seconds`; sending still works until the process ends."""
        ...

    def routes(self) -> "Sequence[BaseRoute]":
        """Starlette routes of the HTTP mode. Before `start` and after `stop`, the app answers 503 in their place."""
        ...

    def connected(self) -> bool:
        """Whether events come in: the socket is open, the last poll went well; always, in the HTTP mode."""
        ...

    def trouble(self) -> str | None:
        """Why it can never go on, in a sentence with the remedy: the process then ends. None: all is well, or it may
        become so again."""
        ...

    def examine(self) -> Sequence[tuple[bool, str]]:
        """For `renkei doctor`: what is right and what is wrong (token, rights by name), each in a sentence."""
        ...


Build = Callable[["Settings"], Platform]
