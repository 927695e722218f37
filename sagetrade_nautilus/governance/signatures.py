"""SSH signatures, made and verified by OpenSSH itself (`ssh-keygen -Y`, since OpenSSH 8.2)."""

import re
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from sagetrade_nautilus.errors import GovernanceError

PROGRAM = "ssh-keygen"
NAMESPACE = "sagetrade-gate"
"""What a signature is for: one that was made for anything else is none here."""
FINGERPRINT = re.compile(r" key (SHA256:[A-Za-z0-9+/]+)\Z")
"""What OpenSSH says last of a good signature."""
TIMEOUT_S = 10.0
SIGN_TIMEOUT_S = 120.0


def sign(message: bytes, key: Path) -> str:
    """Return the armoured signature of `message` by the private key at `key`; OpenSSH asks for its passphrase.

    Raises
    ------
    GovernanceError
        OpenSSH is missing, or it did not sign.
    """
    with tempfile.TemporaryDirectory(prefix="sagetrade-gate-") as folder:
        path = Path(folder) / "message"
        path.write_bytes(message)
        done = _run(["-Y", "sign", "-f", str(key), "-n", NAMESPACE, str(path)], None, SIGN_TIMEOUT_S)
        signature = path.with_name("message.sig")
        if done.returncode != 0 or not signature.exists():
            raise GovernanceError(f"{key}: nothing was signed: {_said(done)}; name your key with --key")
        return signature.read_text(encoding="ascii")


class Verified(NamedTuple):
    """What is wrong with a signature ('' if it is good now), and whose key made it: its fingerprint, '' if it is not.

    A certificate has the fingerprint of its key, so that who holds one key is one person by whatever certificates.
    """

    fault: str
    key: str = ""


def verify(message: bytes, signature: str, person: str, signers: Path) -> Verified:
    """Look at `person`'s signature of `message`.

    Parameters
    ----------
    signers : Path
        The people who may sign, in OpenSSH's format of allowed signers. A key that has expired there signs nothing.
    """
    if not signers.is_file():
        return Verified(f"{signers} is missing: nobody may sign")
    if not person.isprintable():
        return Verified("the person's name holds what cannot be seen")
    with tempfile.TemporaryDirectory(prefix="sagetrade-gate-") as folder:
        path = Path(folder) / "signature"
        path.write_text(signature, encoding="utf-8")
        known = ["-f", str(signers), "-I", person, "-n", NAMESPACE, "-s", str(path)]
        try:
            done = _run(["-Y", "verify", *known], message, TIMEOUT_S)
        except GovernanceError as error:
            return Verified(str(error))
    if done.returncode != 0:
        return Verified(f"the signature is not good: {_said(done)}")
    key = FINGERPRINT.search(done.stdout.decode("utf-8", "replace").strip())
    return Verified("", key[1]) if key else Verified(f"{PROGRAM} does not say whose key it is: {_said(done)}")


def _run(words: list[str], given: bytes | None, timeout_s: float) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 - OpenSSH, by words of our own
            [PROGRAM, *words], input=given, capture_output=True, timeout=timeout_s, check=False
        )
    except FileNotFoundError:
        raise GovernanceError(f"{PROGRAM} is missing: install OpenSSH's client, 8.2 or newer") from None
    except subprocess.TimeoutExpired:
        raise GovernanceError(f"{PROGRAM} did not answer within {timeout_s:g} s") from None


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else f"{PROGRAM} ended with {done.returncode}"
