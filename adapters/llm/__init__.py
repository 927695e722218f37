"""A language model behind any endpoint that speaks the chat-completions API. What it answers is data."""
