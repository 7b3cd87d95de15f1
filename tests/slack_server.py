"""Slack on the loopback: its Web API over HTTP, Socket Mode over a websocket, real signatures, and faults on request.

It keeps the documented limits (blocks, characters, unknown channels, triggers that are good once). What Slack refuses,
it refuses. `posts` holds every message as Slack would now show it.
"""

import hashlib
import hmac
import itertools
import json
import threading
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

TEAM, BOT = "T0TEAM", "U0BOT"
BOT_TOKEN, APP_TOKEN, SECRET = "xoxb-for-tests", "xapp-for-tests", "signing-secret-for-tests"
SCOPES = "app_mentions:read,assistant:write,channels:history,chat:write,commands,groups:history,im:history,im:write"
_JSON_FIELDS = ("blocks", "metadata", "view", "prompts")


class SlackError(Exception):
    """`{"ok": false, "error": …}`."""


@dataclass
class Fault:
    """What goes wrong with one call. `done`: whether the call has its effect all the same."""

    status: int = 200
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    done: bool = False
    drop: bool = False
    error: str = ""


class SlackServer:
    """`calls`: (method, arguments) as they came; `faults`: method → what goes wrong with the next calls of it."""

    def __init__(self, *, agent: bool = True) -> None:
        self.agent = agent
        self.scopes = SCOPES
        self.lock = threading.RLock()
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.posts: list[dict[str, Any]] = []
        self.ephemeral: list[dict[str, Any]] = []
        self.views: list[dict[str, Any]] = []
        self.homes: dict[str, dict[str, Any]] = {}
        self.faults: dict[str, list[Fault]] = defaultdict(list)
        self.missing: set[str] = set()  # methods that this workspace does not have
        self.channels = {"C0TOWN", "C0OTARU", "C0FALLBACK", "C0OTHER"}
        self.gone: set[str] = set()  # channels that nothing reaches any more
        self.refuses: set[str] = set()  # types of blocks that this workspace does not know
        self.used_triggers: set[str] = set()
        self._directs: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self._api = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._api.daemon_threads = True
        self.sockets = Sockets(self)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._api.server_port}/api/"

    @property
    def hooks(self) -> str:
        return f"http://127.0.0.1:{self._api.server_port}/hooks/"

    def run(self) -> None:
        threading.Thread(target=self._api.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.sockets.close()
        self._api.shutdown()
        self._api.server_close()

    # ── what tests look at ───────────────────────────────────────────────────────────────────────────────────────────

    def said(self, channel: str, thread: str | None = None) -> list[str]:
        """The texts in a channel, or in one of its threads."""
        with self.lock:
            return [p["text"] for p in self.posts if p["channel"] == channel and thread in (None, p.get("thread_ts"))]

    def count(self, method: str) -> int:
        with self.lock:
            return sum(name == method for name, _ in self.calls)

    def direct(self, user: str) -> str:
        """The direct channel with a person."""
        with self.lock:
            return self._directs.setdefault(user, f"D0{user[2:]}")

    def ts(self) -> str:
        return f"17{next(self._numbers):08d}.000100"

    # ── methods of the Web API ───────────────────────────────────────────────────────────────────────────────────────

    def call(self, method: str, args: dict[str, Any]) -> dict[str, Any]:
        name = "on_" + method.replace(".", "_")
        with self.lock:
            if method in self.missing or not hasattr(self, name):
                raise SlackError("unknown_method")
            return {"ok": True, **(getattr(self, name)(args) or {})}

    def on_auth_test(self, _args: dict[str, Any]) -> dict[str, Any]:
        return {"user_id": BOT, "user": "renkei", "team": "試験", "team_id": TEAM, "bot_id": "B0BOT"}

    def on_apps_connections_open(self, _args: dict[str, Any]) -> dict[str, Any]:
        return {"url": self.sockets.ticket()}

    def on_chat_postMessage(self, args: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 Slack's name
        channel = self._channel(args)
        _check_message(args, self.refuses)
        if args.get("thread_ts") and not self._post(channel, args["thread_ts"]):
            args = args | {"thread_unknown": True}
        message = {**args, "channel": channel, "ts": self.ts(), "user": BOT, "bot_id": "B0BOT"}
        self.posts.append(message)
        return {"channel": channel, "ts": message["ts"], "message": message}

    def on_chat_update(self, args: dict[str, Any]) -> dict[str, Any]:
        _check_message(args, self.refuses)
        message = self._post(args["channel"], args["ts"])
        if message is None:
            raise SlackError("message_not_found")
        message.update(args)
        return {"channel": args["channel"], "ts": args["ts"], "text": args.get("text", "")}

    def on_chat_postEphemeral(self, args: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        channel = self._channel(args)
        _check_message(args, self.refuses)
        self.ephemeral.append({**args, "channel": channel})
        return {"message_ts": self.ts()}

    def on_conversations_open(self, args: dict[str, Any]) -> dict[str, Any]:
        return {"channel": {"id": self.direct(args["users"])}}

    def on_conversations_history(self, args: dict[str, Any]) -> dict[str, Any]:
        roots = [p for p in self.posts if p["channel"] == args["channel"] and not p.get("thread_ts")]
        return self._page(list(reversed(roots)), args)

    def on_conversations_replies(self, args: dict[str, Any]) -> dict[str, Any]:
        root = args["ts"]
        found = [p for p in self.posts if p["channel"] == args["channel"] and root in (p["ts"], p.get("thread_ts"))]
        return self._page(found, args)

    def on_views_open(self, args: dict[str, Any]) -> dict[str, Any]:
        trigger = args.get("trigger_id", "")
        if trigger in self.used_triggers:
            raise SlackError("exchanged_trigger_id")
        if trigger.startswith("old"):
            raise SlackError("expired_trigger_id")
        self.used_triggers.add(trigger)
        _check_view(args["view"])
        view = {**args["view"], "id": f"V{next(self._numbers)}", "hash": "1"}
        self.views.append(view)
        return {"view": view}

    def on_views_publish(self, args: dict[str, Any]) -> dict[str, Any]:
        if len(args["view"]["blocks"]) > 100:
            raise SlackError("invalid_arguments")
        self.homes[args["user_id"]] = args["view"]
        return {"view": args["view"]}

    def on_assistant_threads_setStatus(self, args: dict[str, Any]) -> None:  # noqa: N802
        assert args["thread_ts"]

    def on_assistant_threads_setSuggestedPrompts(self, args: dict[str, Any]) -> None:  # noqa: N802
        if not self.agent and not args.get("thread_ts"):
            raise SlackError("invalid_arguments")
        assert 1 <= len(args["prompts"]) <= 4

    def on_chat_startStream(self, args: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if not args["channel"].startswith("D") and not (
            args.get("recipient_user_id") and args.get("recipient_team_id")
        ):
            raise SlackError("missing_recipient")
        message = {"channel": self._channel(args), "ts": self.ts(), "thread_ts": args["thread_ts"], "user": BOT}
        self.posts.append({**message, "text": args.get("markdown_text", ""), "streaming": True})
        return {"channel": message["channel"], "ts": message["ts"]}

    def on_chat_appendStream(self, args: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        message = self._streaming(args)
        message["text"] += args["markdown_text"]
        return {"channel": args["channel"], "ts": args["ts"]}

    def on_chat_stopStream(self, args: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        self._streaming(args)["streaming"] = False
        return {"channel": args["channel"], "ts": args["ts"]}

    def _streaming(self, args: dict[str, Any]) -> dict[str, Any]:
        message = self._post(args["channel"], args["ts"])
        if message is None or not message.get("streaming"):
            raise SlackError("message_not_in_streaming_state")
        return message

    def _channel(self, args: dict[str, Any]) -> str:
        channel = args.get("channel", "")
        if channel[:1] in ("U", "W"):
            channel = self.direct(channel)
        if channel in self.gone or (channel not in self.channels and channel[:1] != "D"):
            raise SlackError("channel_not_found")
        return channel

    def _post(self, channel: str, ts: str) -> dict[str, Any] | None:
        return next((p for p in self.posts if (p["channel"], p["ts"]) == (channel, ts)), None)

    def _page(self, messages: list[dict[str, Any]], args: dict[str, Any]) -> dict[str, Any]:
        start, limit = int(args.get("cursor") or 0), int(args.get("limit") or 100)
        more = start + limit < len(messages)
        shown = messages[start : start + limit]
        if not args.get("include_all_metadata"):
            shown = [{k: v for k, v in m.items() if k != "metadata"} for m in shown]
        cursor = str(start + limit) if more else ""
        return {"messages": shown, "has_more": more, "response_metadata": {"next_cursor": cursor}}


def _check_message(args: dict[str, Any], refuses: set[str]) -> None:
    blocks = args.get("blocks") or []
    if not args.get("text") and not blocks:
        raise SlackError("no_text")
    if len(args.get("text", "")) > 40_000:
        raise SlackError("msg_too_long")
    if len(blocks) > 50 or any(block["type"] in refuses or not _fits(block) for block in blocks):
        raise SlackError("invalid_blocks")
    if len(json.dumps(blocks, ensure_ascii=False)) > 30_000 or sum(map(_length, blocks)) > 13_000:
        raise SlackError("msg_blocks_too_long")


def _fits(block: dict[str, Any]) -> bool:
    match block["type"]:
        case "section":
            return 0 < len(block["text"]["text"]) <= 3000
        case "actions":
            ids = [element["action_id"] for element in block["elements"]]
            short = all(len(e["text"]["text"]) <= 75 and len(e.get("value", "")) <= 2000 for e in block["elements"])
            return 0 < len(ids) <= 25 and len(set(ids)) == len(ids) and short
        case "context_actions":
            return 0 < len(block["elements"]) <= 5
        case "rich_text":
            return 0 < _length(block) <= 3000
        case "table":
            return len(block["rows"]) <= 100 and all(len(row) <= 20 for row in block["rows"])
        case _:
            return False


def _length(node: Any) -> int:
    """The characters of all words in a block."""
    if isinstance(node, dict):
        own = len(node["text"]) if isinstance(node.get("text"), str) else 0
        return own + sum(_length(value) for value in node.values() if isinstance(value, (dict, list)))
    return sum(map(_length, node)) if isinstance(node, list) else 0


def _check_view(view: dict[str, Any]) -> None:
    good = len(view["title"]["text"]) <= 24 and len(view["submit"]["text"]) <= 24 and len(view["blocks"]) <= 100
    selects = [b["element"] for b in view["blocks"] if b.get("element", {}).get("type") == "static_select"]
    good = good and all(0 < len(s["options"]) <= 100 for s in selects) and len(view["private_metadata"]) <= 3000
    if not good:
        raise SlackError("invalid_arguments")


def _handler(slack: SlackServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            folder, _, method = urlsplit(self.path).path.strip("/").partition("/")
            if folder == "hooks":
                return self._hook(method, json.loads(body))
            args = _arguments(self.headers.get("Content-Type", ""), body)
            with slack.lock:
                slack.calls.append((method, args))
                waiting = slack.faults[method]
                fault = waiting.pop(0) if waiting else None
            if fault is None:
                return self._answer(200, json.dumps(self._called(method, args)))
            return self._faulty(fault, method, args)

        def _faulty(self, fault: Fault, method: str, args: dict[str, Any]) -> None:
            result = self._called(method, args) if fault.done else {}
            if fault.drop:
                self.close_connection = True
                with suppress(OSError):
                    self.connection.close()
                return
            if fault.error:
                result = {"ok": False, "error": fault.error}
            self._answer(fault.status, json.dumps(result) if fault.body is None else fault.body, fault.headers)

        def _called(self, method: str, args: dict[str, Any]) -> dict[str, Any]:
            expected = APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN
            if self.headers.get("Authorization") != f"Bearer {expected}":
                return {"ok": False, "error": "invalid_auth"}
            try:
                return slack.call(method, args)
            except SlackError as error:
                return {"ok": False, "error": str(error)}

        def _hook(self, name: str, answer: dict[str, Any]) -> None:
            with slack.lock:
                if name.startswith("old"):
                    return self._answer(404, "expired_url")
                slack.ephemeral.append({**answer, "hook": name})
            return self._answer(200, "ok")

        def _answer(self, status: int, body: str, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            kinds = {"Content-Type": "application/json; charset=utf-8", "x-oauth-scopes": slack.scopes}
            for name, value in (kinds | (headers or {})).items():
                self.send_header(name, value)
            data = body.encode()
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def _arguments(kind: str, body: str) -> dict[str, Any]:
    if kind.startswith("application/json"):
        return json.loads(body) if body else {}
    args: dict[str, Any] = dict(parse_qsl(body))
    return {k: json.loads(v) if k in _JSON_FIELDS and v[:1] in "[{" else v for k, v in args.items()}


class Sockets:
    """Socket Mode. Each delivery goes to one open socket, and again until it is acknowledged."""

    def __init__(self, slack: SlackServer) -> None:
        self._slack = slack
        self._open: list[ServerConnection] = []
        self._lock = threading.Lock()
        self._unacked: dict[str, dict[str, Any]] = {}
        self._numbers = itertools.count(1)
        self.opened = 0
        self.sent: set[str] = set()  # envelopes that some socket took
        self.acks: list[tuple[str, float]] = []
        self._server: Server = serve(self._serve, "127.0.0.1", 0, max_size=None)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def ticket(self) -> str:
        host, port = self._server.socket.getsockname()[:2]
        return f"ws://{host}:{port}/link/?ticket={next(self._numbers)}"

    def close(self) -> None:
        self._server.shutdown()
        for socket in list(self._open):
            with suppress(Exception):
                socket.close_socket()

    def send(self, body: dict[str, Any], kind: str = "events_api", envelope: str = "") -> str:
        """Deliver once, to one socket; the id of the envelope."""
        envelope = envelope or f"envelope-{next(self._numbers)}"
        message = {"envelope_id": envelope, "type": kind, "payload": body, "accepts_response_payload": False}
        with self._lock:
            self._unacked[envelope] = message
        self.resend(envelope)
        return envelope

    def resend(self, envelope: str) -> bool:
        """Once more, where it is not acknowledged yet; whether anybody took it."""
        with self._lock:
            message, sockets = self._unacked.get(envelope), list(self._open)
        if message is None:
            return True
        for socket in reversed(sockets):
            with suppress(ConnectionClosed, OSError):
                socket.send(json.dumps(message))
                self.sent.add(envelope)
                return True
        return False

    def unacked(self) -> list[str]:
        with self._lock:
            return list(self._unacked)

    def refresh(self) -> None:
        """What Slack says before it ends a socket."""
        for socket in list(self._open):
            with suppress(ConnectionClosed, OSError):
                socket.send(json.dumps({"type": "disconnect", "reason": "refresh_requested"}))

    def cut(self) -> None:
        """Every socket breaks without a word."""
        for socket in list(self._open):
            with suppress(OSError):
                socket.close_socket()

    def count(self) -> int:
        with self._lock:
            return len(self._open)

    def _serve(self, socket: ServerConnection) -> None:
        with self._lock:
            self._open.append(socket)
            self.opened += 1
        try:
            socket.send(json.dumps({"type": "hello", "num_connections": 1}))
            for message in socket:
                self._heard(json.loads(message))
        except (ConnectionClosed, OSError):
            pass
        finally:
            with self._lock:
                self._open.remove(socket)

    def _heard(self, message: dict[str, Any]) -> None:
        with self._lock:
            if self._unacked.pop(message.get("envelope_id", ""), None) is not None:
                self.acks.append((message["envelope_id"], time.monotonic()))


# ── what Slack sends ─────────────────────────────────────────────────────────────────────────────────────────────────


def signed(body: bytes, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    """The headers with which Slack proves itself."""
    timestamp = str(int(time.time() if at is None else at))
    base = b"v0:" + timestamp.encode() + b":" + body
    digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


def as_json(body: dict[str, Any]) -> tuple[bytes, str]:
    return json.dumps(body, ensure_ascii=False).encode(), "application/json"


def as_form(body: dict[str, Any]) -> tuple[bytes, str]:
    """Commands as fields; buttons and forms as one field with JSON in it."""
    fields = body if "command" in body else {"payload": json.dumps(body, ensure_ascii=False)}
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Deliver over HTTP; the status of the answer."""
    request = urllib.request.Request(url, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


_ids = itertools.count(1)


def event(inner: dict[str, Any], event_id: str = "") -> dict[str, Any]:
    """An event as Slack wraps it."""
    return {
        "token": "verification-token",
        "team_id": TEAM,
        "api_app_id": "A0APP",
        "type": "event_callback",
        "event_id": event_id or f"Ev{next(_ids):08d}",
        "event_time": 1_700_000_000,
        "authorizations": [{"team_id": TEAM, "user_id": BOT, "is_bot": True}],
        "event": inner,
    }


def direct_message(slack: SlackServer, user: str, text: str, **more: Any) -> dict[str, Any]:
    inner = {"type": "message", "channel": slack.direct(user), "channel_type": "im", "user": user, "text": text}
    return event({**inner, "ts": slack.ts(), **more})


def channel_message(slack: SlackServer, user: str, text: str, channel: str = "C0TOWN", **more: Any) -> dict[str, Any]:
    inner = {"type": "message", "channel": channel, "channel_type": "channel", "user": user, "text": text}
    return event({**inner, "ts": slack.ts(), **more})


def press(user: str, channel: str, message: dict[str, Any], action: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A button below `message` is pressed."""
    where = {"type": "message", "channel_id": channel, "message_ts": message["ts"], "is_ephemeral": False}
    return {
        "type": "block_actions",
        "token": "verification-token",
        "user": {"id": user, "team_id": TEAM},
        "team": {"id": TEAM},
        "trigger_id": f"trigger-{next(_ids)}",
        "container": where,
        "channel": {"id": channel},
        "message": message,
        "actions": [{"type": "button", "block_id": "b", "action_ts": f"17{next(_ids)}", **action}],
        **more,
    }


def submit(user: str, view: dict[str, Any], **values: str) -> dict[str, Any]:
    """A form is sent; what is chosen from a list is told from what is typed by the form itself."""
    kinds = ("static_select", "radio_buttons")
    lists = [b["block_id"] for b in view["blocks"] if b.get("element", {}).get("type") in kinds]
    fields = {
        name: {name: {"selected_option": {"value": value}} if name in lists else {"value": value}}
        for name, value in values.items()
    }
    return {
        "type": "view_submission",
        "token": "verification-token",
        "user": {"id": user},
        "team": {"id": TEAM},
        "view": {**view, "state": {"values": fields}},
    }


def command(user: str, text: str, channel: str = "C0TOWN", response_url: str = "") -> dict[str, Any]:
    return {
        "token": "verification-token",
        "team_id": TEAM,
        "channel_id": channel,
        "user_id": user,
        "command": "/renkei",
        "text": text,
        "response_url": response_url,
        "trigger_id": f"trigger-{next(_ids)}",
    }


@contextmanager
def slack_server(*, agent: bool = True) -> Iterator[SlackServer]:
    server = SlackServer(agent=agent)
    server.run()
    try:
        yield server
    finally:
        server.close()
