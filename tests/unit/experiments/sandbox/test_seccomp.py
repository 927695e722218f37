"""The filter of system calls, run by an interpreter of the kernel's instructions, answers as it promises."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments.sandbox import seccomp

ALLOW, KILL, EPERM, EACCES, ENOSYS, DONE = 0x7FFF_0000, 0x8000_0000, 0x50001, 0x5000D, 0x50026, 0x50000


def answer(machine: str, number: int, argument: int = 0, architecture: int | None = None) -> int:
    """Run the filter on one call, as seccomp(2) says that the kernel does."""
    known, _ = seccomp.MACHINES[machine]
    data = struct.pack("=iIQ6Q", number, known if architecture is None else architecture, 0, argument, 0, 0, 0, 0, 0)
    program = list(struct.iter_unpack("=HBBI", seccomp.program(machine)))
    at, accumulator = 0, 0
    while True:
        code, if_true, if_false, k = program[at]
        at += 1
        if code == 0x06:
            return k
        if code == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, k)
        else:
            holds = {0x15: accumulator == k, 0x35: accumulator >= k, 0x45: bool(accumulator & k)}[code]
            at += if_true if holds else if_false


@pytest.mark.parametrize(("machine", "column"), [("x86_64", 0), ("aarch64", 1)])
def test_what_is_denied_fails_and_what_is_ignored_does_nothing(machine: str, column: int) -> None:
    for numbers in seccomp.DENIED.values():
        assert answer(machine, numbers[column]) == EPERM
    for ignored in seccomp.IGNORED.values():
        if (number := ignored[column]) is not None:
            assert answer(machine, number) == DONE
    assert answer(machine, seccomp.CLONE3[column]) == ENOSYS


@pytest.mark.parametrize(("machine", "column"), [("x86_64", 0), ("aarch64", 1)])
@given(st.integers(0, 50))
def test_only_local_sockets_can_be_made(machine: str, column: int, family: int) -> None:
    assert answer(machine, seccomp.SOCKET[column], family) == (ALLOW if family == 1 else EACCES)


@pytest.mark.parametrize(("machine", "column"), [("x86_64", 0), ("aarch64", 1)])
@pytest.mark.parametrize("flag", [0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000])
def test_a_process_can_be_made_but_no_namespace(machine: str, column: int, flag: int) -> None:
    number = seccomp.CLONE[column]
    assert answer(machine, number, 0x11) == ALLOW  # fork
    assert answer(machine, number, 0x3D0F00) == ALLOW  # a thread of glibc's
    assert answer(machine, number, 0x11 | flag) == EPERM


@pytest.mark.parametrize(
    ("machine", "other"), [("x86_64", 0xC00000B7), ("x86_64", 0x40000003), ("aarch64", 0x40000028)]
)
def test_a_call_by_another_machines_convention_ends_the_process(machine: str, other: int) -> None:
    assert answer(machine, 0, architecture=other) == KILL
    assert answer(machine, 0x40000000 + 39) == KILL


@given(st.integers(0, 500))
def test_all_else_goes_on_to_the_kernel(number: int) -> None:
    special = {pair[0] for pair in (*seccomp.DENIED.values(), *seccomp.IGNORED.values())}
    special |= {seccomp.SOCKET[0], seccomp.CLONE[0], seccomp.CLONE3[0]}
    if number not in special:
        assert answer("x86_64", number) == ALLOW


def test_an_unknown_machine_is_refused() -> None:
    with pytest.raises(ExperimentError, match="this is riscv64"):
        seccomp.program("riscv64")
