"""What is deployed to watch nodes: Prometheus's rules, and Alertmanager's configuration."""

from pathlib import Path

from tests.support.checkout import ROOT

RULES = ROOT / "deploy" / "prometheus" / "rules" / "sagetrade.rules.yml"


def rendered(path: Path, token: str, chat: int = -1001, more: str = "") -> Path:
    """Write the configuration as the container's start does, for an Alertmanager that knows no files with tokens."""
    text = (ROOT / "deploy" / "alertmanager" / "alertmanager.yml.tmpl").read_text()
    text = text.replace("chat_id: CHAT_ID", f"chat_id: {chat}")
    assert "bot_token_file: /run/secrets/telegram_bot_token" in text
    path.write_text(
        text.replace("bot_token_file: /run/secrets/telegram_bot_token", f"bot_token: '{token}'{more}"), encoding="utf-8"
    )
    return path
