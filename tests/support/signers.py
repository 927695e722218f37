"""People with SSH keys of their own, and the file that says who may sign."""

import subprocess
from pathlib import Path

import msgspec

from sagetrade_nautilus.governance import store
from sagetrade_nautilus.governance.approvals import Approval, Gate, Subject
from sagetrade_nautilus.governance.signatures import NAMESPACE, sign

AT = "2026-11-26T09:00:00Z"


def key_of(person: str, folder: Path) -> Path:
    """Make `person` a key without a passphrase, once, and return its path."""
    path = folder / f"{person.split('@', maxsplit=1)[0]}_key"
    if not path.exists():
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", person, "-f", str(path)]
        subprocess.run(command, check=True, capture_output=True)
    return path


def allow(person: str, folder: Path, options: str = f'namespaces="{NAMESPACE}"') -> Path:
    """Let `person` sign what is kept in `folder`'s approvals; return their key."""
    key = key_of(person, folder)
    signers = folder / store.FOLDER / store.SIGNERS
    signers.parent.mkdir(exist_ok=True)
    with signers.open("a") as file:
        file.write(f"{person} {options} {key.with_suffix('.pub').read_text()}")
    return key


def approval(gate: Gate, person: str, subject: Subject, key: Path, at: str = AT) -> Approval:
    """Return `person`'s signed approval."""
    unsigned = Approval(gate, person, at, subject.part(gate))
    return msgspec.structs.replace(unsigned, signature=sign(unsigned.message, key))
