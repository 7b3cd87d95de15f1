"""How Slack says no → how sending failed. What is raised names the kind of fault: never a token, never content."""

import socket
import ssl
import urllib.error
from collections.abc import Mapping
from typing import Any

from slack_sdk.errors import SlackApiError

from adapters.pacing import retry_after
from bot.post import PermanentError, RetryLaterError, SendError, UncertainError, UnreachableError

TOKEN = frozenset("invalid_auth not_authed account_inactive token_revoked token_expired org_login_required".split())
"""The token is good for nothing: no try will help before an admin has put it right."""

_NEVER = TOKEN | frozenset(
    """
    channel_not_found not_in_channel is_archived is_inactive user_not_found user_disabled users_not_found
    cannot_dm_bot messages_tab_disabled user_not_in_channel missing_scope no_permission access_denied ekm_access_denied
    not_allowed_token_type team_access_not_granted enterprise_is_restricted restricted_action
    restricted_action_read_only_channel restricted_action_thread_only_channel restricted_action_non_threadable_channel
    restricted_action_thread_locked as_user_not_supported team_not_found method_deprecated deprecated_endpoint
    no_text msg_too_long msg_blocks_too_long invalid_blocks invalid_blocks_format too_many_attachments two_factor_setup_required
    """.split()  # noqa: E501
)
_DOUBTFUL = frozenset(
    "fatal_error internal_error request_timeout service_unavailable team_added_to_org accesslimited".split()
)
_LIMITED = frozenset(("ratelimited", "rate_limited", "message_limit_exceeded"))
_REFUSED = frozenset(
    """
    unknown_method missing_scope not_allowed_token_type method_deprecated deprecated_endpoint feature_not_enabled
    not_allowed access_denied no_permission invalid_arguments
    team_not_authorized channel_type_not_supported paid_teams_only plan_upgrade_required not_supported
    """.split()
)
BLOCKS = frozenset(("invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "invalid_arguments"))
"""It is the looks that Slack does not take: nothing was posted."""


def code_of(error: Exception) -> str:
    """Slack's own name of a fault, such as "channel_not_found"; "" where it gave none."""
    if not isinstance(error, SlackApiError):
        return ""
    data = error.response if isinstance(error.response, Mapping) else getattr(error.response, "data", None)
    code = data.get("error") if isinstance(data, Mapping) else None
    return code if isinstance(code, str) and code.replace("_", "").isalnum() and len(code) < 60 else ""


def fault(error: Exception) -> SendError:
    """What follows from a failed call."""
    if isinstance(error, SendError):
        return error
    if isinstance(error, SlackApiError):
        return _refused(error)
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, (ConnectionRefusedError, socket.gaierror, ssl.SSLError)):
        return UnreachableError(type(reason).__name__)
    return UncertainError(type(reason).__name__)


def _refused(error: SlackApiError) -> SendError:
    status, code = _status(error), code_of(error)
    if status == 429 or code in _LIMITED:
        return RetryLaterError(code or "429", retry_after(_header(error, "retry-after")))
    if code in _NEVER:
        return PermanentError(code)
    if status >= 500 or not code or code in _DOUBTFUL:
        return UncertainError(code or f"HTTP {status}")
    return UnreachableError(code)  # an answer that says no: nothing was posted, and it is worth another try


def not_supported(error: Exception) -> bool:
    """Whether the workspace, its plan or our rights do not have this method at all."""
    return code_of(error) in _REFUSED or (isinstance(error, SlackApiError) and _status(error) in (404, 405, 501))


def _status(error: SlackApiError) -> int:
    return int(getattr(error.response, "status_code", 0) or 0)


def _header(error: SlackApiError, name: str) -> str | None:
    headers: Mapping[str, Any] = getattr(error.response, "headers", None) or {}
    return next((str(value) for key, value in headers.items() if key.lower() == name), None)
