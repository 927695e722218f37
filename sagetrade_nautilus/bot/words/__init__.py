"""How the bot speaks: the catalogue of messages in both languages, figures, periods, and the voice that joins them."""
