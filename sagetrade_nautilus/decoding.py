"""What decoders raise for bytes that are not what they should be."""

from typing import Final

import msgspec

UNDECODABLE: Final = (msgspec.MsgspecError, ValueError, OverflowError, RecursionError)
"""Everything that msgspec and the standard library's decoders raise for bad bytes: besides their own errors one for
what is no UTF-8, one for a number that is too long, and one for what is nested too deeply."""
