"""For one person's eyes: the answer to a command or button, where others are in the channel.

By the address that came with the command, else as an ephemeral message, else in the direct messages. Slack forgets
ephemeral messages when the page is loaded anew: nothing may rest on them alone.
"""

from typing import Any
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from adapters.slack import errors
from adapters.slack.addresses import Address, Directs
from adapters.slack.rendering import Part
from bot.post import UncertainError

_ELSEWHERE = ("channel_not_found", "not_in_channel", "user_not_in_channel", "is_archived", "missing_scope")


def whisper(client: WebClient, directs: Directs, channel: str, address: Address, parts: list[Part]) -> str:
    """Say it; the ts that Slack gives, or a name of our own where it gives none. Raises the SDK's errors."""
    said = ""
    for n, part in enumerate(parts, 1):
        try:
            said = _respond(client, address, part)
            if not said and channel[:1] in ("C", "G"):
                said = _ephemeral(client, channel, address, part)
            said = said or _direct(client, directs, address, part)
        except SlackApiError as error:
            if n > 1:
                raise UncertainError(f"part {n}: {errors.code_of(error)}") from None
            if errors.code_of(error) not in _ELSEWHERE:
                raise
            said = _direct(client, directs, address, part)
    return said


def _respond(client: WebClient, address: Address, part: Part) -> str:
    """By the response address; "" where there is none, or it is no longer good."""
    if not trusted(address.response_url, client.base_url):
        return ""
    hook = WebhookClient(address.response_url, timeout=client.timeout, retry_handlers=[], logger=client._logger)
    answer = {"text": part.text, "response_type": "ephemeral", "replace_original": False}
    for blocks in (part.blocks, part.plainer, None):
        response = hook.send_dict({**answer, **({"blocks": blocks} if blocks else {})})
        if response.status_code == 200:
            return f"response:{address.user}"
        if response.status_code >= 500 or "blocks" not in response.body:
            return ""
    return ""


def trusted(url: str, api: str) -> bool:
    """Whether a response address is Slack's: of its own domains, or of the machine that SLACK_API_URL names."""
    found, own = urlsplit(url), urlsplit(api)
    slack = found.scheme == "https" and (found.hostname or "").endswith((".slack.com", ".slack-gov.com"))
    return slack or (bool(found.hostname) and (found.scheme, found.hostname) == (own.scheme, own.hostname))


def _ephemeral(client: WebClient, channel: str, address: Address, part: Part) -> str:
    for n, blocks in enumerate((part.blocks, part.plainer, None)):
        looks: dict[str, Any] = {"blocks": blocks} if blocks else {}
        try:
            response = client.chat_postEphemeral(
                channel=channel, user=address.user, thread_ts=address.thread or None, text=part.text, **looks
            )
        except SlackApiError as error:
            if n == 2 or errors.code_of(error) not in errors.BLOCKS:
                raise
        else:
            return str(response.get("message_ts") or f"ephemeral:{address.user}")
    return ""


def _direct(client: WebClient, directs: Directs, address: Address, part: Part) -> str:
    channel = directs.channel(Address("", address.user))
    response = client.chat_postMessage(
        channel=channel, text=part.text, blocks=part.plainer, unfurl_links=False, unfurl_media=False
    )
    return str(response["ts"])
