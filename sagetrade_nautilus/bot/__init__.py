"""The Telegram bot: reports, advises and stops, inside the node's own event loop."""
