"""The optional chat model, through LangChain's `init_chat_model`: a Writer that never costs more than its seconds.

Requests run in an event loop of their own, because only there a call that hangs or trickles can be ended: it is
cancelled, and its connection closed. Retries and waiting are ours alone; the SDKs' are switched off. What is sent is
masked and goes to the model's address only: LangChain's tracing is off whatever the environment says.
"""

import asyncio
import logging
import os
import random
import threading
import time
import warnings
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Sequence
from contextlib import aclosing
from functools import cache
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, cast

from adapters.breaker import Breaker
from adapters.chat_lines import LineReader, prompt
from bot.faults import trail
from bot.message import Lang
from bot.ports import Written
from bot.writing import TIME_LIMIT
from knowledge.errors import ModelError, SettingsError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk

_log = logging.getLogger(__name__)
EXTRAS = ("openai", "ollama", "anthropic")
KEYS = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}
TRIES = 3
BACKOFF = 0.3  # seconds before the second try; doubled before the third, with jitter
_PASSING = {408, 409, 425, 429}  # of the answers below 500, those that another try may change
Mask = Callable[[str], str]


def build_chat_model(name: str, base_url: str | None = None, seconds: float = TIME_LIMIT) -> "BaseChatModel":
    """The chat model `provider:name`, without retries of its own. The key comes from the provider's usual variable.

    Raises SettingsError or ModelError with the remedy, never with a key or an address.
    """
    provider = name.partition(":")[0]
    options: dict[str, Any] = {"base_url": base_url} if base_url else {}
    if provider == "ollama":
        options |= {"client_kwargs": {"timeout": seconds}}
    else:
        options |= {"timeout": seconds, "max_retries": 0}
    # of an answer that is not as it should be, pydantic would print the words
    warnings.filterwarnings("ignore", message="Pydantic serializer warnings", category=UserWarning)
    variable = KEYS.get(provider)
    if variable and not os.environ.get(variable):
        if not base_url:
            raise SettingsError(
                f"CHAT_MODEL={provider}:… には環境変数 {variable} が要ります。API キーを入れてください。"
            )
        options["api_key"] = "none"  # servers of one's own ask for no key, the client does
    try:
        from langchain.chat_models import init_chat_model

        model: BaseChatModel = init_chat_model(name, **options)
    except ImportError as error:
        remedy = f'pip install "renkei[{provider}]"' if provider in EXTRAS else f"pip install langchain-{provider}"
        raise ModelError(f"CHAT_MODEL に要るパッケージがありません。`{remedy}` を実行してください。") from error
    except Exception as error:
        _log.debug("init_chat_model: %s", trail(error))
        raise SettingsError(
            "設定 CHAT_MODEL のモデルを用意できません。正しい形: openai:名前、ollama:名前、anthropic:名前。"
        ) from None
    return model


class ChatModelWriter:
    """A chat model as a `bot.ports.Writer`. `mask` takes personal data out of a question before it is sent."""

    def __init__(self, model: "BaseChatModel", *, mask: Mask, breaker: Breaker | None = None) -> None:
        self._model = model
        self._mask = mask
        self._breaker = breaker or Breaker()

    def write(
        self, question: str, lang: Lang, passages: Sequence[str], seconds: float = TIME_LIMIT
    ) -> Generator[Written, None, None]:
        """Sentences as they come; none while the breaker is open. Ends after `seconds`."""
        if not self._breaker.allows():
            return
        give_up = time.monotonic() + seconds
        written: SimpleQueue[Written | None] = SimpleQueue()
        messages = prompt(self._mask(question), lang, passages)
        task = asyncio.run_coroutine_threadsafe(self._answer(messages, written, seconds), request_loop())
        try:
            while (sentence := written.get(timeout=max(give_up - time.monotonic(), 0.001))) is not None:
                yield sentence
        except Empty:
            return
        finally:
            task.cancel()

    def probe(self, seconds: float = TIME_LIMIT) -> float:
        """Seconds until the model answered a greeting. Raises ModelError that says why it does not."""
        started = time.monotonic()

        async def greet() -> None:
            with untraced():
                async with asyncio.timeout(seconds), aclosing(chunks(self._model, [("user", "1+1=")])) as stream:
                    async for _ in stream:
                        return
            raise ModelError("モデルが空の答えを返しました。CHAT_MODEL の名前を確かめてください。")

        try:
            asyncio.run_coroutine_threadsafe(greet(), request_loop()).result(seconds + 1)
        except ModelError:
            raise
        except Exception as error:  # the SDKs' errors may hold the key or the address
            raise ModelError(_complaint(error)) from None
        return time.monotonic() - started

    async def _answer(
        self, messages: list[tuple[str, str]], written: "SimpleQueue[Written | None]", seconds: float
    ) -> None:
        """Puts the sentences into `written`, None at the end, and tells the breaker how it went."""
        told, good = _Told(written), False
        give_up = time.monotonic() + seconds
        try:
            with untraced():
                async with asyncio.timeout(seconds):
                    for attempt in range(TRIES):
                        try:
                            good = await self._stream(messages, told)
                            break
                        except Exception as error:
                            pause = _pause(error, attempt)
                            _log.warning("chat model: try %d: %s", attempt + 1, kind_of(error))
                            if told.count or pause is None or time.monotonic() + pause >= give_up:
                                break
                        await asyncio.sleep(pause)
        except TimeoutError:
            _log.warning("chat model: no end within %.0f s", seconds)
        finally:
            self._breaker.record(good or told.count > 0)
            written.put(None)

    async def _stream(self, messages: list[tuple[str, str]], told: "_Told") -> bool:
        """One request. Whether anything came."""
        reader = LineReader()
        async with aclosing(chunks(self._model, messages)) as stream:
            async for chunk in stream:
                told.put(reader.feed(chunk))
                if reader.full:
                    break
        told.put(reader.finish())
        return reader.characters > 0


class _Told:
    """Counts what goes into the queue."""

    def __init__(self, queue: "SimpleQueue[Written | None]") -> None:
        self._queue = queue
        self.count = 0

    def put(self, sentences: Iterable[Written]) -> None:
        for sentence in sentences:
            self.count += 1
            self._queue.put(sentence)


async def chunks(model: "BaseChatModel", messages: list[tuple[str, str]]) -> AsyncGenerator[str, None]:
    """The text of an answer in the pieces in which it comes."""
    async with aclosing(cast("AsyncGenerator[AIMessageChunk, None]", model.astream(messages))) as stream:
        async for chunk in stream:
            yield str(chunk.text)


@cache
def request_loop() -> asyncio.AbstractEventLoop:
    """The loop of all requests of this process: LangChain's models share HTTP clients, which belong to one loop."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="chat-model", daemon=True).start()
    return loop


def untraced() -> Any:
    from langsmith import tracing_context

    return tracing_context(enabled=False)


def _status(error: BaseException) -> int | None:
    """The HTTP status that the error of any SDK carries."""
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) and status > 0 else None


def kind_of(error: BaseException) -> str:
    """What a log may hold: the kind of error and the status, none of its words."""
    return " ".join(str(part) for part in (type(error).__name__, _status(error)) if part)


def _pause(error: Exception, attempt: int) -> float | None:
    """Seconds to wait before another try; None where one is no use."""
    status = _status(error)
    if attempt + 1 >= TRIES or (status and status < 500 and status not in _PASSING):
        return None
    pause: float = BACKOFF * 2**attempt * random.uniform(0.7, 1.3)  # noqa: S311 - jitter, no secret
    headers: Any = getattr(getattr(error, "response", None), "headers", None) or {}
    try:
        return max(pause, float(headers.get("retry-after", 0)))
    except ValueError:
        return pause


def _complaint(error: BaseException) -> str:
    status = _status(error)
    if status in (401, 403):
        return "API キーが受け付けられません。OPENAI_API_KEY など、提供元の環境変数を確かめてください。"
    if status == 404:
        return "モデルが見つかりません。CHAT_MODEL の名前と CHAT_BASE_URL を確かめてください。"
    if status:
        return f"モデルのサーバーが誤りを返しました(HTTP {status})。しばらくして試すか、提供元に確かめてください。"
    if isinstance(error, TimeoutError) or "Timeout" in type(error).__name__:
        return "モデルが時間内に答えません。小さいモデルにするか、サーバーを確かめてください。"
    return f"モデルのサーバーにつながりません({type(error).__name__})。CHAT_BASE_URL とネットワークを確かめてください。"
