"""SSH signatures, made and verified by OpenSSH itself (`ssh-keygen -Y`, since OpenSSH 8.2)."""

import base64
import subprocess
import tempfile
from pathlib import Path

from sagetrade_nautilus.errors import GovernanceError

PROGRAM = "ssh-keygen"
NAMESPACE = "sagetrade-gate"
"""What a signature is for: one that was made for anything else is none here."""
MAGIC, VERSION_BYTES, LENGTH_BYTES = b"SSHSIG", 4, 4
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


def fault(message: bytes, signature: str, person: str, signers: Path) -> str:
    """Return what is wrong with `person`'s signature of `message`, '' if it is good now.

    Parameters
    ----------
    signers : Path
        The people who may sign, in OpenSSH's format of allowed signers. A key that has expired there signs nothing.
    """
    if not signers.is_file():
        return f"{signers} is missing: nobody may sign"
    with tempfile.TemporaryDirectory(prefix="sagetrade-gate-") as folder:
        path = Path(folder) / "signature"
        path.write_text(signature, encoding="utf-8")
        known = ["-f", str(signers), "-I", person, "-n", NAMESPACE, "-s", str(path)]
        try:
            done = _run(["-Y", "verify", *known], message, TIMEOUT_S)
        except GovernanceError as error:
            return str(error)
    return "" if done.returncode == 0 else f"the signature is not good: {_said(done)}"


def key_of(signature: str) -> str:
    """Return the public key that a good signature names, in base64, '' where it names none.

    https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig
    """
    try:
        raw = base64.b64decode("".join(signature.strip().splitlines()[1:-1]))
    except ValueError:
        return ""
    start = len(MAGIC) + VERSION_BYTES + LENGTH_BYTES
    length = int.from_bytes(raw[start - LENGTH_BYTES : start])
    return base64.b64encode(raw[start : start + length]).decode()


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
