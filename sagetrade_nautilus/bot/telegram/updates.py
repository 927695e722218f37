"""From Telegram's updates to plain values."""

from telegram import Message, Update

from sagetrade_nautilus.bot.telegram.wire import Incoming

OLD_FORWARD = "forward_date"
"""What said that a message was passed on, before the Bot API's version 7."""


def incoming_of(update: Update) -> Incoming | None:
    """Return an update as a plain value; ``None`` for what is neither a message nor a tap, or has no sender."""
    return _tapped(update) if update.callback_query is not None else _written(update)


def _tapped(update: Update) -> Incoming | None:
    tap = update.callback_query
    if tap is None or tap.message is None:
        return None
    return Incoming(
        update_id=update.update_id,
        user_id=tap.from_user.id,
        chat_id=tap.message.chat.id,
        message_id=tap.message.message_id,
        tap=tap.data or "?",
        tap_id=tap.id,
        is_private=tap.message.chat.type == "private",
        is_bot=tap.from_user.is_bot,
    )


def _written(update: Update) -> Incoming | None:
    message = update.message or update.edited_message
    if message is None or message.from_user is None:
        return None
    return Incoming(
        update_id=update.update_id,
        user_id=message.from_user.id,
        chat_id=message.chat.id,
        message_id=message.message_id,
        sent_s=message.date.timestamp(),
        text=message.text or "",
        is_private=message.chat.type == "private",
        is_forwarded=_is_passed_on(message),
        is_edited=update.edited_message is not None or message.edit_date is not None,
        is_bot=message.from_user.is_bot,
    )


def _is_passed_on(message: Message) -> bool:
    """Whether somebody else wrote it: forwarded, sent through another bot, or in a channel's name."""
    others = (message.forward_origin, message.via_bot, message.sender_chat, message.sender_business_bot)
    return OLD_FORWARD in message.api_kwargs or any(other is not None for other in others)
