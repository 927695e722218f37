"""Approvals with real SSH signatures: what was forged, altered, expired or made by a stranger counts for nothing."""

import errno
import os
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus.errors import GovernanceError
from sagetrade_nautilus.governance import signatures, store
from sagetrade_nautilus.governance.approvals import Gate, Subject, approvers
from tests.support.signers import allow, approval, key_of

pytestmark = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None, reason="needs OpenSSH: apt-get install openssh-client"
)
SUBJECT = Subject(policy="p", config="c", code="k")
ANNA, EVE = "anna@desk", "eve@elsewhere"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / store.FOLDER


def _fault(folder: Path) -> str:
    (judged,) = store.read(folder)
    return judged.fault


def test_a_signed_approval_holds(tmp_path: Path, folder: Path) -> None:
    key = allow(ANNA, tmp_path)
    store.write(approval(Gate.B, ANNA, SUBJECT, key), folder)
    (judged,) = store.read(folder)
    assert judged.holds(SUBJECT)


def test_one_key_is_one_person_by_whatever_names_it_signs(tmp_path: Path, folder: Path) -> None:
    key = allow("*@desk", tmp_path)
    for person in (ANNA, "omar@desk"):
        store.write(approval(Gate.B, person, SUBJECT, key), folder)
    assert all(one.holds(SUBJECT) for one in store.read(folder))
    assert approvers(Gate.B, store.read(folder), SUBJECT) == [ANNA]
    other = allow("zoe@office", tmp_path)
    store.write(approval(Gate.B, "zoe@office", SUBJECT, other), folder)
    assert approvers(Gate.B, store.read(folder), SUBJECT) == [ANNA, "zoe@office"]


def test_one_key_with_two_certificates_is_one_person(tmp_path: Path, folder: Path) -> None:
    authority, key = key_of("authority@desk", tmp_path), key_of(ANNA, tmp_path)
    folder.mkdir()
    (folder / store.SIGNERS).write_text(f"*@desk cert-authority {authority.with_suffix('.pub').read_text()}")
    for person in (ANNA, "omar@desk"):
        command = ["ssh-keygen", "-q", "-s", str(authority), "-I", person, "-n", person, f"{key}.pub"]
        subprocess.run(command, check=True, capture_output=True)
        store.write(approval(Gate.B, person, SUBJECT, Path(f"{key}-cert.pub")), folder)
    assert all(one.holds(SUBJECT) for one in store.read(folder))
    assert approvers(Gate.B, store.read(folder), SUBJECT) == [ANNA]


def test_a_name_that_is_none_approves_nothing(tmp_path: Path, folder: Path) -> None:
    key = allow(ANNA, tmp_path)
    for number, person in enumerate((f"{ANNA}\0", f"{ANNA}\n", "-I", "")):
        one = msgspec.structs.replace(
            approval(Gate.A, ANNA, SUBJECT, key, f"2026-11-26T09:00:0{number}Z"), person=person
        )
        store.write(one, folder)
    assert len(store.read(folder)) == 4
    assert all(one.fault for one in store.read(folder))


def test_the_key_is_the_one_that_openssh_names_last_whatever_a_person_is_called(tmp_path: Path, folder: Path) -> None:
    key = allow("*@desk", tmp_path)
    name = "eve with ED25519 key SHA256:AAAA@desk"
    for person in (ANNA, name):
        store.write(approval(Gate.B, person, SUBJECT, key), folder)
    assert approvers(Gate.B, store.read(folder), SUBJECT) == [ANNA]


def test_the_signature_of_a_stranger_is_none(tmp_path: Path, folder: Path) -> None:
    allow(ANNA, tmp_path)
    stranger = key_of(EVE, tmp_path)
    store.write(approval(Gate.B, EVE, SUBJECT, stranger), folder)
    store.write(approval(Gate.B, ANNA, SUBJECT, stranger), folder)
    assert all("signature is not good" in judged.fault for judged in store.read(folder))


@pytest.mark.parametrize(
    "change", [{"person": EVE}, {"gate": Gate.A}, {"at": "2027-01-01T00:00:00Z"}, {"subject": Subject(policy="q")}]
)
def test_one_that_was_altered_is_none(tmp_path: Path, folder: Path, change: dict) -> None:
    key = allow(ANNA, tmp_path)
    allow(EVE, tmp_path)
    signed = approval(Gate.B, ANNA, SUBJECT, key)
    store.write(msgspec.structs.replace(signed, **change), folder)
    assert _fault(folder) != ""


def test_a_key_that_has_expired_signs_nothing(tmp_path: Path, folder: Path) -> None:
    key = allow(ANNA, tmp_path, 'valid-before="20200101"')
    store.write(approval(Gate.A, ANNA, SUBJECT, key), folder)
    assert "signature is not good" in _fault(folder)


def test_what_was_signed_for_something_else_is_no_approval(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = allow(ANNA, tmp_path, "")
    with monkeypatch.context() as other:
        other.setattr(signatures, "NAMESPACE", "git")
        signed = approval(Gate.A, ANNA, SUBJECT, key)
    store.write(signed, folder)
    assert "signature is not good" in _fault(folder)


def test_without_a_list_of_signers_nobody_may_sign(tmp_path: Path, folder: Path) -> None:
    store.write(approval(Gate.A, ANNA, SUBJECT, key_of(ANNA, tmp_path)), folder)
    assert "is missing: nobody may sign" in _fault(folder)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b'{"gate":"D"}', b"[" * 70_000])
def test_a_file_that_is_no_approval_stops_everything(folder: Path, content: bytes) -> None:
    folder.mkdir()
    (folder / "A-broken.json").write_bytes(content)
    with pytest.raises(GovernanceError, match=r"A-broken\.json"):
        store.read(folder)


def test_one_that_binds_more_than_its_gate_is_none(tmp_path: Path, folder: Path) -> None:
    key = allow(ANNA, tmp_path)
    wide = msgspec.structs.replace(approval(Gate.A, ANNA, SUBJECT, key), subject=SUBJECT)
    signed = msgspec.structs.replace(wide, signature=signatures.sign(wide.message, key))
    store.write(signed, folder)
    assert _fault(folder) == "it binds more than its gate does"


def test_an_approval_is_never_written_over(tmp_path: Path, folder: Path) -> None:
    one = approval(Gate.A, ANNA, SUBJECT, allow(ANNA, tmp_path))
    store.write(one, folder)
    with pytest.raises(GovernanceError, match="cannot be written"):
        store.write(one, folder)


def test_a_full_disk_leaves_no_half_an_approval(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = approval(Gate.A, ANNA, SUBJECT, allow(ANNA, tmp_path))

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        with pytest.raises(GovernanceError, match=r"cannot be written: No space left.*make room"):
            store.write(one, folder)
    assert store.read(folder) == []
    store.write(one, folder)
    assert store.read(folder)[0].holds(SUBJECT)


def test_nothing_is_approved_where_there_is_no_folder(folder: Path) -> None:
    assert store.read(folder) == []


def test_a_key_that_is_not_there_signs_nothing(tmp_path: Path) -> None:
    with pytest.raises(GovernanceError, match="nothing was signed"):
        signatures.sign(b"x", tmp_path / "no_key")


def test_without_openssh_it_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signatures, "PROGRAM", "ssh-keygen-is-not-here")
    with pytest.raises(GovernanceError, match="install OpenSSH"):
        signatures.sign(b"x", tmp_path / "key")
    (tmp_path / "signers").touch()
    assert "install OpenSSH" in signatures.verify(b"x", "y", ANNA, tmp_path / "signers").fault
