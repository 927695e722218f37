"""The Telegram bot: reports, advises and stops, inside the node's own event loop.

`actor` is the bot, `conversation` what it says to what people say, `commands` all that it can do, `desk` the node as it
sees it. `telegram` is the edge to the network, `notices` what it tells unasked, `advisor` its answers to questions,
`words` and `pictures` how both are said.
"""
