"""Which calls of the kernel proposed code may make: a filter in the kernel's own classic BPF.

Namespaces leave some doors open: sockets to the host of a virtual machine (vsock), the kernel's keyrings, memory that
no process is charged for, other processes' memory, and namespaces of one's own in which much more of the kernel can be
reached. These are shut here. Sources: seccomp(2), bpf(2), the kernel's ``include/uapi/linux/{filter,seccomp}.h``.
"""

import platform
import struct
from collections.abc import Iterator
from typing import Final

from sagetrade_nautilus.errors import ExperimentError

DENIED: Final = {  # name: (x86_64, aarch64)
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "memfd_create": (319, 279),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "unshare": (272, 97),
    "setns": (308, 268),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "personality": (135, 92),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
}
IGNORED: Final = {  # where root runs us, the devices inside are the machine's own, and root may change who uses them
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
}
MACHINES: Final = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
SOCKET, CLONE, CLONE3 = (41, 198), (56, 220), (435, 435)
AF_UNIX = 1
NEW_NAMESPACES = 0x7E02_0080
X32_BIT = 0x4000_0000

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF_0000, 0x8000_0000, 0x0005_0000
_EPERM, _EACCES, _ENOSYS = 1, 13, 38
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16

Instruction = tuple[int, int, int, int]


def program(machine: str | None = None) -> bytes:
    """Return the filter for `machine`, this one's unless given, as an array of ``struct sock_filter``.

    Calls by another machine's convention end the process; a new namespace, a socket that is not local, and what is in
    `DENIED` fail; what is in `IGNORED` succeeds and does nothing; all else goes on to the kernel.

    Raises
    ------
    ExperimentError
        Its calls are not known here.
    """
    machine = machine or platform.machine()
    if machine not in MACHINES:
        raise ExperimentError(f"proposed code can be confined on {' and '.join(MACHINES)}, and this is {machine}")
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in _instructions(*MACHINES[machine]))


def _instructions(architecture: int, column: int) -> Iterator[Instruction]:
    yield (_LOAD, 0, 0, _ARCHITECTURE)
    yield (_EQUAL, 1, 0, architecture)
    yield (_RETURN, 0, 0, _KILL)
    yield (_LOAD, 0, 0, _NUMBER)
    yield (_AT_LEAST, 0, 1, X32_BIT)
    yield (_RETURN, 0, 0, _KILL)
    for numbers in DENIED.values():
        yield from _fail(numbers[column], _EPERM)
    for known in IGNORED.values():
        if (number := known[column]) is not None:
            yield from _fail(number, 0)
    yield from _fail(CLONE3[column], _ENOSYS)  # its flags cannot be seen; the C library then asks for clone
    yield (_EQUAL, 0, 4, CLONE[column])
    yield (_LOAD, 0, 0, _FIRST_ARGUMENT)
    yield (_ANY_BIT, 0, 1, NEW_NAMESPACES)
    yield (_RETURN, 0, 0, _ERROR | _EPERM)
    yield (_RETURN, 0, 0, _ALLOW)
    yield (_EQUAL, 0, 3, SOCKET[column])
    yield (_LOAD, 0, 0, _FIRST_ARGUMENT)
    yield (_EQUAL, 1, 0, AF_UNIX)
    yield (_RETURN, 0, 0, _ERROR | _EACCES)
    yield (_RETURN, 0, 0, _ALLOW)


def _fail(number: int, error: int) -> Iterator[Instruction]:
    yield (_EQUAL, 0, 1, number)
    yield (_RETURN, 0, 0, _ERROR | error)
