"""What `sagetool` makes of words, without doing what they say."""

from sagetrade_nautilus.cli import app


def parse(words: list[str]) -> None:
    """Raise what the command line would, for words after `sagetool`."""
    assert words[0] in app.COMMANDS, words
    command, words = app.command(words[0]), words[1:]
    while words and words[0] in getattr(command, "commands", {}):
        command, words = command.commands[words[0]], words[1:]
    assert not hasattr(command, "commands"), words
    command.make_context("sagetool", list(words))
