"""What the bot may do in the workspace, beside what it needs and why. The manifest asks for the same."""

from slack_sdk import WebClient

from adapters.slack import errors

SCOPES = {
    "app_mentions:read": "チャンネルで呼ばれたことを知る",
    "assistant:write": "質問の例を出す",
    "channels:history": "公開チャンネルのスレッドの続きを読む、送ったか確かめる",
    "chat:write": "答えを送る",
    "commands": "/renkei を受ける",
    "groups:history": "非公開チャンネル(窓口)のスレッドの続きを読む、送ったか確かめる",
    "im:history": "個別の会話を読む、送ったか確かめる",
    "im:write": "個別の会話を開く(窓口の返事を届ける)",
}
"""Bot scopes, and what each is for."""

APP_SCOPE = "connections:write"


def examine(client: WebClient, app_token: str | None) -> list[tuple[bool, str]]:
    """For `renkei doctor`: the bot's token and its scopes by name; in Socket Mode the app's token."""
    findings = _bot(client)
    if app_token is not None:
        findings.append(_app(client, app_token))
    return findings


def _bot(client: WebClient) -> list[tuple[bool, str]]:
    try:
        response = client.auth_test()
    except Exception as error:
        advice = "トークンと、この機械のネットワークを確かめてください。"
        return [(False, f"SLACK_BOT_TOKEN で接続できません({_kind(error)})。{advice}")]
    found = [(True, f"Slack の {response.get('team', '')} に {response.get('user', '')} として接続できます")]
    granted = scopes_of({name.lower(): value for name, value in response.headers.items()}.get("x-oauth-scopes"))
    if granted is None:
        return [*found, (True, "Slack が権限の一覧を返さないため、権限は確かめていません")]
    missing = [scope for scope in SCOPES if scope not in granted]
    if not missing:
        return [*found, (True, f"権限 {len(SCOPES)} 件がそろっています")]
    named = "、".join(f"{scope}({SCOPES[scope]})" for scope in missing)
    advice = "Slack のアプリの設定の OAuth & Permissions で加え、アプリを入れ直してください。"
    return [*found, (False, f"権限が足りません: {named}。{advice}")]


def _app(client: WebClient, app_token: str) -> tuple[bool, str]:
    try:
        client.apps_connections_open(app_token=app_token)
    except Exception as error:
        advice = f"{APP_SCOPE} を持つアプリのトークンか、Socket Mode が有効かを確かめてください。"
        return False, f"SLACK_APP_TOKEN でソケットを開けません({_kind(error)})。{advice}"
    return True, "Socket Mode でつながります"


def scopes_of(header: str | None) -> frozenset[str] | None:
    """The scopes that Slack names in an answer; None where it names none."""
    if header is None:
        return None
    return frozenset(scope.strip() for scope in header.split(",") if scope.strip())


def _kind(error: Exception) -> str:
    return errors.code_of(error) or type(error).__name__
