"""Where approvals are kept: a file each in `approvals/`, beside the people who may sign, in the repository."""

from pathlib import Path

import msgspec

from sagetrade_nautilus import durable
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import GovernanceError, cause
from sagetrade_nautilus.governance.approvals import Approval, Judged
from sagetrade_nautilus.governance.signatures import verify

FOLDER = Path("approvals")
SIGNERS = "allowed_signers"
ENDING = ".json"
FILE_BYTES_MAX = 65_536


def read(folder: Path = FOLDER) -> list[Judged]:
    """Return every approval in `folder`, with what is wrong with it, in the order of the files' names.

    Raises
    ------
    GovernanceError
        A file is no approval, or cannot be read. Nothing is passed over.
    """
    if not folder.is_dir():
        return []
    return [_judge(path, folder / SIGNERS) for path in sorted(folder.glob(f"*{ENDING}"))]


def write(approval: Approval, folder: Path = FOLDER) -> Path:
    """Put `approval` into `folder`, whole or not at all, and return its file. One that is there is never written over.

    Raises
    ------
    GovernanceError
        It cannot be written, or there is one of this person, gate and second already.
    """
    stamp = approval.at.replace(":", "").replace("-", "")
    name = "".join(letter if letter.isalnum() else "_" for letter in approval.person)
    path = folder / f"{approval.gate}-{stamp}-{name}{ENDING}"
    raw = msgspec.json.format(msgspec.json.encode(approval, order="sorted")) + b"\n"
    try:
        durable.put_new(path, raw)
    except OSError as error:
        raise GovernanceError(f"{path}: cannot be written: {cause(error)}") from None
    return path


def _judge(path: Path, signers: Path) -> Judged:
    try:
        raw = path.read_bytes()
        if len(raw) > FILE_BYTES_MAX:
            raise GovernanceError(
                f"{path}: it is larger than {FILE_BYTES_MAX} bytes, so it is no approval; take it away"
            )
        approval = msgspec.json.decode(raw, type=Approval)
    except OSError as error:
        raise GovernanceError(f"{path}: cannot be read: {cause(error)}") from None
    except UNDECODABLE as error:
        raise GovernanceError(f"{path}: it is no approval: {error}; take it away or restore it") from None
    if approval.subject != approval.subject.part(approval.gate):
        return Judged(approval, "it binds more than its gate does")
    return Judged(approval, *verify(approval.message, approval.signature, approval.person, signers))
