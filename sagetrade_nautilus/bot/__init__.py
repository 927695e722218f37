"""The Telegram bot: it reports, advises and stops."""
