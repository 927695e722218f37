"""Attacks on the walls themselves: the sandbox, and what reads the code before it runs."""

from typing import Final

from tests.support.hostile.attack import SAY, Hostile, call

BREAKS_OUT: Final = (
    call("attaches to another process", "SAY('ptrace') if libc.ptrace(16, VICTIM, 0, 0) == 0 else None"),
    call("attaches to the first process", "SAY('ptrace') if libc.ptrace(16, 1, 0, 0) == 0 else None"),
    call("attaches to its parent", "SAY('ptrace') if libc.ptrace(16, os.getppid(), 0, 0) == 0 else None"),
    call(
        "reads another process's memory",
        "box = ctypes.create_string_buffer(16)\nvec = struct.pack('PN', ctypes.addressof(box), 16)\nSAY('vm') if libc.process_vm_readv(1, vec, 1, vec, 1, 0) >= 0 else None",
    ),
    Hostile(
        "writes another process's memory",
        "import os\nos.open('/proc/1/mem', os.O_RDWR)\nSAY('mem')".replace("SAY(", SAY),
    ),
    Hostile("ends every process", "import os\nos.kill(-1, 9)"),
    Hostile("ends another process", "import os\nos.kill(VICTIM, 9)"),
    Hostile(
        "looks for other processes",
        "import os\nothers = [p for p in os.listdir('/proc') if p.isdigit() and int(p) > 20]\nprint(others)\nif others:\n    SAY(others)".replace(
            "SAY(", SAY
        ),
    ),
    call("makes a namespace", "SAY('unshare') if libc.unshare(0x10000000) == 0 else None"),
    call("makes a namespace as it forks", "SAY('clone') if libc.syscall(56, 0x10000011, 0, 0, 0, 0) >= 0 else None"),
    call("joins a namespace", "SAY('setns') if libc.setns(os.open('/proc/1/ns/mnt', os.O_RDONLY), 0) == 0 else None"),
    call(
        "mounts its worktree to write",
        "SAY('mount') if libc.mount(b'none', b'WORKTREE', b'', 32 | 4096, None) == 0 else None",
    ),
    call("mounts a file system", "SAY('mount') if libc.mount(b'proc', b'/tmp', b'proc', 0, None) == 0 else None"),
    call("mounts the new way", "SAY('fsopen') if libc.syscall(430, b'tmpfs', 0) >= 0 else None"),
    call("takes its root away", "SAY('chroot') if libc.chroot(b'/tmp') == 0 else None"),
    call("asks the keyring", "SAY('keyctl') if libc.syscall(250, 0, -3, 0) >= 0 else None"),
    call("loads a program into the kernel", "SAY('bpf') if libc.syscall(321, 0, bytes(128), 128) >= 0 else None"),
    call("measures the kernel", "SAY('perf') if libc.syscall(298, bytes(128), 0, -1, -1, 0) >= 0 else None"),
    call("asks for a ring", "SAY('io_uring') if libc.syscall(425, 4, bytes(128)) >= 0 else None"),
    call("handles its own page faults", "SAY('userfaultfd') if libc.syscall(323, 0) >= 0 else None"),
    call("opens a file by its handle", "SAY('handle') if libc.syscall(304, -100, bytes(64), 0) >= 0 else None"),
    call("becomes somebody", "SAY('setuid') if os.getuid() != 0 and libc.setuid(0) == 0 else None"),
    call("calls as an older machine", "SAY('x32') if libc.syscall(0x40000000 + 39) > 0 else None"),
    Hostile(
        "types into a terminal",
        "import fcntl, os\nfcntl.ioctl(os.open('/dev/tty', os.O_RDWR), 0x5412, b'x')\nSAY('tty')".replace("SAY(", SAY),
    ),
    Hostile(
        "climbs out by an open folder",
        "import os\nfor number in range(3, 64):\n    try:\n        os.fchdir(number)\n        SAY(os.listdir('..'))\n    except OSError:\n        pass".replace(
            "SAY(", SAY
        ),
    ),
    Hostile(
        "becomes another program",
        "import os\nos.execv('/bin/sh', ['sh', '-c', 'cat OUTSIDE/secrets.env; echo x > OUTSIDE/latch.json'])",
    ),
)
TRICKS: Final = (
    Hostile(
        "asks every class for a system call",
        "for kind in ().__class__.__base__.__subclasses__():\n    if kind.__name__ == '_wrap_close':\n        kind.__init__.__globals__['system']('cat OUTSIDE/secrets.env')",
    ),
    Hostile("evaluates text", "eval(\"print(open('OUTSIDE/secrets.env').read())\")"),
    Hostile("executes text", "exec('imp' + 'ort os; print(os.environ)')"),
    Hostile(
        "compiles text",
        "import types\ntypes.FunctionType(compile(\"print(open('OUTSIDE/latch.json', 'w'))\", 'x', 'exec'), globals())()",
    ),
    Hostile("imports by a function", "__import__('o' + 's').system('cat OUTSIDE/secrets.env')"),
    Hostile(
        "gets an attribute by a name that it makes",
        "import math\ngetattr(__builtins__, 'op' + 'en')('OUTSIDE/latch.json', 'w')",
    ),
    Hostile("finds a module in a module", "import statistics\nprint(statistics.sys.modules['os'].environ)"),
    Hostile("finds a module in a package", "import dataclasses\nprint(dataclasses.sys.modules['os'].environ)"),
    Hostile("takes a module by another name", "import statistics as s\nx = s\nprint(x.sys.modules['os'].environ)"),
    Hostile("imports all names", "from os import *\nprint(environ)"),
    Hostile(
        "takes built-ins from a frame",
        "steps = (n for n in (1,))\nprint(steps.gi_frame.f_builtins['open']('OUTSIDE/secrets.env').read())",
    ),
    Hostile(
        "takes built-ins from a traceback",
        "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    print(error.__traceback__.tb_frame.f_builtins['open']('OUTSIDE/secrets.env').read())",
    ),
    Hostile(
        "takes an attribute by a pattern",
        "import statistics\nmatch statistics:\n    case object(sys=found):\n        print(found.modules['os'].environ)",
    ),
    Hostile("writes its function's name in other letters", "ｅｖａｌ(\"print(open('OUTSIDE/secrets.env').read())\")"),
    Hostile(
        "hides a function behind an argument",
        "def quiet(open):\n    return open\n\nprint(open('OUTSIDE/secrets.env').read())",
    ),
    Hostile(
        "formats an attribute",
        "import math\nprint('{0.__loader__.__class__}'.format(math))\nopen('OUTSIDE/latch.json', 'w')",
    ),
    Hostile("loads what numpy unpickles", "import numpy as np\nnp.load('INPUT/bars', allow_pickle=True)"),
    Hostile("writes with numpy", "import numpy as np\nnp.ones(3).tofile('OUTSIDE/latch.json')"),
    Hostile(
        "has numpy run a command",
        "import numpy as np\nprint(np.ctypeslib.ctypes.CDLL(None).system(b'cat OUTSIDE/secrets.env'))",
    ),
    Hostile(
        "runs at the debugger's stop",
        "import os\nos.environ['PYTHONBREAKPOINT'] = 'os.system'\nbreakpoint('cat OUTSIDE/secrets.env')",
    ),
    Hostile(
        "writes an annotation that is code",
        "import msgspec\n\nclass Config(msgspec.Struct):\n    size: \"open('OUTSIDE/latch.json', 'w')\" = 1\n\nmsgspec.convert({}, Config)",
    ),
    Hostile(
        "hides code in a type",
        "import msgspec\ntext = \"open('OUTSIDE/latch.json', 'w')\"\n\nclass Config(msgspec.Struct):\n    size: list[text] = 1\n\nmsgspec.convert({}, Config)",
    ),
    Hostile(
        "runs as a metaclass",
        "import os\n\nclass Meta(type):\n    def __new__(cls, *given):\n        os.system('cat OUTSIDE/secrets.env')\n        return type.__new__(cls, *given)\n\nclass X(metaclass=Meta):\n    pass",
    ),
    Hostile("runs as a decorator", "import os\n\n@os.system\ndef cat():\n    pass"),
    Hostile(
        "runs as an operator",
        "class X:\n    def __add__(self, other):\n        return open(other).read()\n\nprint(X() + 'OUTSIDE/secrets.env')",
    ),
    Hostile(
        "runs when it is thrown away",
        "import os\n\nclass X:\n    def __del__(self):\n        os.system('cat OUTSIDE/secrets.env')\n\nX()",
    ),
    Hostile(
        "waits",
        "import asyncio\nasync def read(): await (await asyncio.create_subprocess_shell('cat OUTSIDE/secrets.env')).wait()\n"
        "asyncio.run(read())",
    ),
    Hostile(
        "runs in a thread",
        "import threading\nthreading.Thread(target=print, args=(open('OUTSIDE/secrets.env').read(),)).start()",
    ),
    Hostile("is too long to be read", "x = 1\n" * 20_000 + "print(open('OUTSIDE/secrets.env').read())"),
    Hostile("is too deep to be read", "x = " + "(" * 500 + ")" * 500),
)
