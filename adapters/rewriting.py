"""The optional chat model as a `bot.ports.Rewriter`: one short request, one try, never longer than its seconds."""

import asyncio
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING

from adapters.breaker import Breaker
from adapters.chat_lines import rewriting_prompt
from adapters.llm import Mask, chunks, kind_of, request_loop, untraced

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_log = logging.getLogger(__name__)
MAX_CHARACTERS = 400  # of an answer; what comes after is not read


class ChatModelRewriter:
    """`mask` takes personal data out of what is sent."""

    def __init__(self, model: "BaseChatModel", *, mask: Mask, breaker: Breaker | None = None) -> None:
        self._model = model
        self._mask = mask
        self._breaker = breaker or Breaker()

    def rewrite(self, question: str, earlier: str, seconds: float) -> str:
        """The first line of what the model says; "" where it fails, is slow, or is left alone by the breaker."""
        if not self._breaker.allows():
            return ""
        messages = rewriting_prompt(self._mask(question), self._mask(earlier))
        asked = asyncio.run_coroutine_threadsafe(self._ask(messages, seconds), request_loop())
        try:
            return asked.result(seconds)
        except TimeoutError:  # what ends the request may take a moment longer than it should
            return ""
        finally:
            asked.cancel()

    async def _ask(self, messages: list[tuple[str, str]], seconds: float) -> str:
        """Ends within `seconds`: only here a call that hangs or trickles can be ended."""
        said = ""
        try:
            with untraced():
                async with asyncio.timeout(seconds), aclosing(chunks(self._model, messages)) as stream:
                    async for chunk in stream:
                        said += chunk[: MAX_CHARACTERS - len(said)]
                        if len(said) >= MAX_CHARACTERS:
                            break
        except Exception as error:  # TimeoutError too: half a question is none
            _log.warning("chat model: other words: %s", kind_of(error))
            said = ""
        self._breaker.record(bool(said))
        lines = said.strip().splitlines()
        return lines[0].strip() if len(lines) == 1 else ""
