"""The edge to Telegram: its client, what goes over the wire as plain values, the outbox, and pages of long answers."""
