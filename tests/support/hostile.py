"""What code that means harm would try: against the machine, the secrets, the guard, the limits and the plugin's shell.

Each is a program and stands for a plugin's file. CAPITALS are replaced by places of a world made for the occasion. An
attack whose success cannot be seen from outside prints ESCAPED. None does damage where it succeeds.
"""

from typing import Final

import msgspec

SAY: Final = "print('ESCA' + 'PED', "


class Hostile(msgspec.Struct, frozen=True):
    """One attack.

    Parameters
    ----------
    name : str
        What it tries.
    source : str
        The program.
    project : bool
        Whether it imports the project.
    """

    name: str
    source: str
    project: bool = False


def _call(name: str, body: str) -> Hostile:
    """Return an attack that makes system calls itself."""
    head = "import ctypes, os, struct\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    return Hostile(name, head + body.replace("SAY(", SAY))


def _plugin(name: str, body: str) -> Hostile:
    """Return an attack that is a strategy."""
    return Hostile(
        name, f"from sagetrade_nautilus.strategy import SageStrategy, SageStrategyConfig\n{body}", project=True
    )


STEALS: Final = (
    Hostile("reads the environment", "import os\nprint(dict(os.environ))"),
    Hostile("reads the secrets", "print(open('OUTSIDE/secrets.env').read())"),
    Hostile("reads the secrets of its worktree", "print(open('WORKTREE/config/secrets.env').read())"),
    Hostile("reads a dotenv file", "print(open('WORKTREE/.env').read())"),
    Hostile("reads the token of the git remote", "print(open('WORKTREE/.git/config').read())"),
    Hostile("reads the secrets beside its inputs", "print(open('INPUT/../secrets.env').read())"),
    Hostile(
        "reads the secrets through a link",
        "import os\nos.symlink('OUTSIDE/secrets.env', 'OUTPUTS/s')\nprint(open('OUTPUTS/s').read())",
    ),
    Hostile(
        "reads the environment of others",
        "import glob\nfor place in glob.glob('/proc/*/environ'):\n    print(open(place, 'rb').read())",
    ),
    Hostile("reads a process that it knows of", "print(open('/proc/VICTIM/environ', 'rb').read())"),
    Hostile(
        "looks for the secrets everywhere",
        "import os\nfor place, _, files in os.walk('/'):\n"
        "    for name in files:\n"
        "        if 'secret' in name and not place.startswith(('/usr', '/proc')):\n"
        "            print(open(os.path.join(place, name), errors='replace').read()[:1000])",
    ),
    Hostile(
        "reads the disk itself",
        "import os\nfor name in ('vda', 'sda', 'nvme0n1', 'mem', 'kmsg'):\n"
        "    try:\n        os.open('/dev/' + name, os.O_RDONLY)\n        SAY('/dev/' + name)\n    except OSError:\n        pass".replace(
            "SAY(", SAY
        ),
    ),
    Hostile(
        "makes a device of its own",
        "import os\nos.mknod('/tmp/disk', 0o60600, os.makedev(254, 0))\nos.open('/tmp/disk', os.O_RDONLY)\nSAY('disk')".replace(
            "SAY(", SAY
        ),
    ),
    Hostile(
        "reads the kernel's memory", "import os\nos.open('/proc/kcore', os.O_RDONLY)\nSAY('kcore')".replace("SAY(", SAY)
    ),
)
TALKS: Final = (
    Hostile("connects by TCP", "import socket\nsocket.create_connection(('127.0.0.1', TCP), 2).sendall(b'x')"),
    Hostile(
        "sends by UDP",
        "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', UDP))",
    ),
    Hostile("asks a web server", "import urllib.request\nurllib.request.urlopen('http://127.0.0.1:TCP', timeout=2)"),
    Hostile("opens a socket", "import socket\nsocket.socket()\nSAY('inet')".replace("SAY(", SAY)),
    Hostile("opens an IPv6 socket", "import socket\nsocket.socket(socket.AF_INET6)\nSAY('inet6')".replace("SAY(", SAY)),
    Hostile(
        "talks to the host of the virtual machine",
        "import socket\nsocket.socket(socket.AF_VSOCK)\nSAY('vsock')".replace("SAY(", SAY),
    ),
    Hostile(
        "opens a raw socket",
        "import socket\nsocket.socket(socket.AF_PACKET, socket.SOCK_RAW)\nSAY('raw')".replace("SAY(", SAY),
    ),
    Hostile(
        "talks to the kernel's network",
        "import socket\nsocket.socket(socket.AF_NETLINK, socket.SOCK_RAW)\nSAY('netlink')".replace("SAY(", SAY),
    ),
    Hostile(
        "connects to a local service",
        "import socket\nsocket.socket(socket.AF_UNIX).connect('UNIX')\nSAY('unix')".replace("SAY(", SAY),
    ),
    Hostile(
        "connects to a nameless local service",
        "import socket\nsocket.socket(socket.AF_UNIX).connect('\\x00ABSTRACT')\nSAY('abstract')".replace("SAY(", SAY),
    ),
)
ALTERS: Final = (
    Hostile("releases the kill switch", "open('OUTSIDE/latch.json', 'w').write('{\"state\": \"running\"}')"),
    Hostile("releases the kill switch of its worktree", "open('WORKTREE/state/latch.json', 'w').write('{}')"),
    Hostile("takes the kill switch away", "import os\nos.remove('OUTSIDE/latch.json')"),
    Hostile("replaces the kill switch by its folder", "import os\nos.rename('OUTSIDE', 'OUTSIDE2')"),
    Hostile("cuts the ledger", "open('OUTSIDE/ledger.jsonl', 'r+').truncate(0)"),
    Hostile("rewrites the gate", "open('OUTSIDE/gate.py', 'w').write('passed = True')"),
    Hostile(
        "patches the gate and its file",
        "import gate\ngate.check = lambda order: True\nopen(gate.__file__, 'w').write('check = None')",
    ),
    Hostile("approves itself", "open('OUTSIDE/approval.json', 'w').write('{}')"),
    Hostile("rewrites itself", "open(__file__, 'w').write('# harmless')"),
    Hostile("adds to its worktree", "open('WORKTREE/conftest.py', 'w').write('x = 1')"),
    Hostile("rewrites the research data", "open('INPUT/bars', 'w').write('up')"),
    Hostile(
        "rewrites the interpreter's library",
        "import os\nos.open(os.__file__, os.O_WRONLY)\nSAY('library')".replace("SAY(", SAY),
    ),
    Hostile(
        "rewrites an installed package",
        "import numpy, os\nos.open(numpy.__file__, os.O_WRONLY)\nSAY('package')".replace("SAY(", SAY),
    ),
    Hostile(
        "adds a start-up file", "import sys\nopen(sys.prefix + '/lib/evil.pth', 'w')\nSAY('pth')".replace("SAY(", SAY)
    ),
    Hostile("writes where programs are", "open('/usr/bin/evil', 'w')\nSAY('bin')".replace("SAY(", SAY)),
    Hostile(
        "sets who handles crashes",
        "import os\nos.open('/proc/sys/kernel/core_pattern', os.O_WRONLY)\nSAY('core_pattern')".replace("SAY(", SAY),
    ),
    Hostile(
        "presses the system's keys",
        "import os\nos.open('/proc/sysrq-trigger', os.O_WRONLY)\nSAY('sysrq')".replace("SAY(", SAY),
    ),
    Hostile("changes who may use a device", "import os\nos.chmod('/dev/null', 0o667)"),
    Hostile("renames the machine", "import socket\nsocket.sethostname('evil')\nSAY('hostname')".replace("SAY(", SAY)),
    Hostile(
        "links its outputs to the kill switch", "import os\nos.symlink('OUTSIDE/latch.json', 'OUTPUTS/report.json')"
    ),
    Hostile("links a folder of its outputs", "import os\nos.symlink('OUTSIDE', 'OUTPUTS/runs')"),
    Hostile(
        "gives a file a second name",
        "import os\nos.link('INPUT/bars', 'OUTPUTS/bars')\nSAY('link')".replace("SAY(", SAY),
    ),
    Hostile(
        "leaves a program with rights",
        "import os\nopen('OUTPUTS/su', 'w').write('#!/bin/sh')\nos.chmod('OUTPUTS/su', 0o6755)\nos.open('OUTPUTS/su2', os.O_CREAT | os.O_WRONLY, 0o6777)",
    ),
    Hostile("leaves a pipe that hangs its reader", "import os\nos.mkfifo('OUTPUTS/report.json')"),
    Hostile("leaves a socket", "import socket\nsocket.socket(socket.AF_UNIX).bind('OUTPUTS/report.json')"),
    Hostile("leaves names that climb", "import os\nos.makedirs('OUTPUTS/a/' * 40)\nopen('OUTPUTS/..\\\\..\\\\x', 'w')"),
)
GROWS: Final = (
    Hostile("forks for ever", "import os\nwhile True:\n    os.fork()"),
    Hostile(
        "begins many processes",
        "import subprocess, time\nfor _ in range(200):\n    subprocess.Popen(['sleep', '100'])\ntime.sleep(100)",
    ),
    Hostile("runs for ever", "while True:\n    pass"),
    Hostile("sleeps for ever", "import time\ntime.sleep(10 ** 6)"),
    Hostile(
        "will not be ended",
        "import signal\nfor number in range(1, 32):\n    try:\n        signal.signal(number, signal.SIG_IGN)\n    except (OSError, ValueError):\n        pass\nwhile True:\n    pass",
    ),
    Hostile(
        "lives on",
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        os.execv('/bin/sleep', ['sleep', 'MARKER'])\ntime.sleep(0.5)",
    ),
    Hostile(
        "asks for all memory at once",
        "held = bytearray(1 << 36)\nheld[:: 4096] = b'x' * (1 << 24)\nSAY(len(held))".replace("SAY(", SAY),
    ),
    Hostile("asks for memory bit by bit", "held = []\nwhile True:\n    held.append(bytearray(b'x' * (1 << 22)))"),
    Hostile(
        "has its children ask for memory",
        "import os\nfor _ in range(8):\n    if os.fork() == 0:\n        held = []\n        while True:\n            held.append(bytearray(b'x' * (1 << 22)))\nos.wait()",
    ),
    _call("hides memory in nameless files", "SAY('memfd') if libc.memfd_create(b'x', 0) >= 0 else None"),
    _call("hides memory in shared segments", "SAY('shm') if libc.shmget(0, 4096, 0o1600) >= 0 else None"),
    Hostile("fills its outputs", "for n in range(100):\n    open(f'OUTPUTS/{n}', 'wb').write(b'x' * (4 << 20))"),
    Hostile(
        "fills its outputs with one file",
        "with open('OUTPUTS/x', 'wb') as file:\n    while True:\n        file.write(b'x' * (1 << 20))",
    ),
    Hostile("fills its outputs with nothing", "for n in range(100_000):\n    open(f'OUTPUTS/{n}', 'w').close()"),
    Hostile(
        "fills its outputs with files without a name",
        "import os\nheld = []\nfor n in range(100):\n    file = open('OUTPUTS/x', 'wb')\n    os.remove('OUTPUTS/x')\n    file.write(b'x' * (4 << 20))\n    held.append(file)\nSAY('deleted')".replace(
            "SAY(", SAY
        ),
    ),
    Hostile(
        "leaves holes that fill when they are copied",
        "for n in range(100):\n    open(f'OUTPUTS/{n}', 'wb').truncate(6 << 20)",
    ),
    Hostile(
        "leaves one file under many names",
        "import os\nopen('OUTPUTS/x', 'wb').write(b'x' * (6 << 20))\nfor n in range(100):\n    os.link('OUTPUTS/x', f'OUTPUTS/{n}')",
    ),
    Hostile(
        "fills the temporary folder",
        "for n in range(100):\n    open(f'/tmp/{n}', 'wb').write(b'x' * (4 << 20))\nSAY('tmp')".replace("SAY(", SAY),
    ),
    Hostile(
        "fills the shared memory",
        "for n in range(100):\n    open(f'/dev/shm/{n}', 'wb').write(b'x' * (4 << 20))\nSAY('shm')".replace(
            "SAY(", SAY
        ),
    ),
    Hostile("floods its output", "while True:\n    print('x' * 100_000)"),
    Hostile(
        "opens too many files", "held = [open('/dev/null') for _ in range(1_000)]\nSAY(len(held))".replace("SAY(", SAY)
    ),
    Hostile(
        "raises its limits",
        "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (1 << 40, 1 << 40))\nSAY('limit')".replace(
            "SAY(", SAY
        ),
    ),
)
BREAKS_OUT: Final = (
    _call("attaches to another process", "SAY('ptrace') if libc.ptrace(16, VICTIM, 0, 0) == 0 else None"),
    _call("attaches to the first process", "SAY('ptrace') if libc.ptrace(16, 1, 0, 0) == 0 else None"),
    _call("attaches to its parent", "SAY('ptrace') if libc.ptrace(16, os.getppid(), 0, 0) == 0 else None"),
    _call(
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
    _call("makes a namespace", "SAY('unshare') if libc.unshare(0x10000000) == 0 else None"),
    _call("makes a namespace as it forks", "SAY('clone') if libc.syscall(56, 0x10000011, 0, 0, 0, 0) >= 0 else None"),
    _call("joins a namespace", "SAY('setns') if libc.setns(os.open('/proc/1/ns/mnt', os.O_RDONLY), 0) == 0 else None"),
    _call(
        "mounts its worktree to write",
        "SAY('mount') if libc.mount(b'none', b'WORKTREE', b'', 32 | 4096, None) == 0 else None",
    ),
    _call("mounts a file system", "SAY('mount') if libc.mount(b'proc', b'/tmp', b'proc', 0, None) == 0 else None"),
    _call("mounts the new way", "SAY('fsopen') if libc.syscall(430, b'tmpfs', 0) >= 0 else None"),
    _call("takes its root away", "SAY('chroot') if libc.chroot(b'/tmp') == 0 else None"),
    _call("asks the keyring", "SAY('keyctl') if libc.syscall(250, 0, -3, 0) >= 0 else None"),
    _call("loads a program into the kernel", "SAY('bpf') if libc.syscall(321, 0, bytes(128), 128) >= 0 else None"),
    _call("measures the kernel", "SAY('perf') if libc.syscall(298, bytes(128), 0, -1, -1, 0) >= 0 else None"),
    _call("asks for a ring", "SAY('io_uring') if libc.syscall(425, 4, bytes(128)) >= 0 else None"),
    _call("handles its own page faults", "SAY('userfaultfd') if libc.syscall(323, 0) >= 0 else None"),
    _call("opens a file by its handle", "SAY('handle') if libc.syscall(304, -100, bytes(64), 0) >= 0 else None"),
    _call("becomes somebody", "SAY('setuid') if os.getuid() != 0 and libc.setuid(0) == 0 else None"),
    _call("calls as an older machine", "SAY('x32') if libc.syscall(0x40000000 + 39) > 0 else None"),
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
    Hostile("waits", "import asyncio\nasyncio.run(asyncio.create_subprocess_shell('cat OUTSIDE/secrets.env'))"),
    Hostile(
        "runs in a thread",
        "import threading\nthreading.Thread(target=print, args=(open('OUTSIDE/secrets.env').read(),)).start()",
    ),
    Hostile("is too long to be read", "x = 1\n" * 20_000 + "print(open('OUTSIDE/secrets.env').read())"),
    Hostile("is too deep to be read", "x = " + "(" * 500 + ")" * 500),
)
PLUGINS: Final = (
    _plugin(
        "patches the gate", "from sagetrade_nautilus.guard.gate import Gate\nGate.__call__ = lambda self, command: None"
    ),
    _plugin(
        "patches the gate of promotion",
        "import sagetrade_nautilus.experiments.promotion.judge as p\np.judge = lambda *given: True",
    ),
    _plugin("patches the shell", "SageStrategy.on_bar = lambda self, bar: self.submit_order(bar)"),
    _plugin(
        "patches a decision",
        "from sagetrade_nautilus.model.decision import Decision\nDecision.fault = lambda self, price: None",
    ),
    _plugin(
        "patches by a helper",
        "import functools\n\ndef on_bar(self, bar):\n    pass\n\nfunctools.update_wrapper(SageStrategy, on_bar, ('__module__',))",
    ),
    _plugin(
        "forces a frozen value",
        "import msgspec\nmsgspec.structs.force_setattr(SageStrategyConfig(label='x'), 'label', 'y')",
    ),
    _plugin(
        "reads the keys",
        "from sagetrade_nautilus.secrets import read_secret\nprint(read_secret('APCA_API_KEY_ID').reveal())",
    ),
    _plugin(
        "takes the gate off the bus",
        "class X(SageStrategy):\n    def on_new_signal(self, signal):\n        self.msgbus.deregister('ExecEngine.execute', None)",
    ),
    _plugin(
        "sends an order itself",
        "class X(SageStrategy):\n    def on_new_signal(self, signal):\n        self.submit_order(self.order_factory.market())",
    ),
    _plugin(
        "reaches the cache by another name",
        "class X(SageStrategy):\n    def on_new_signal(self, signal):\n        me = self\n        return me.cache",
    ),
    _plugin(
        "hands itself to a helper",
        "def helper(strategy):\n    return strategy.portfolio\n\nclass X(SageStrategy):\n    def on_new_signal(self, signal):\n        return helper(self)",
    ),
    _plugin(
        "asks its base",
        "class X(SageStrategy):\n    def on_new_signal(self, signal):\n        super().submit_order(None)",
    ),
    _plugin("replaces the shell's method", "class X(SageStrategy):\n    def on_bar(self, bar):\n        pass"),
    _plugin(
        "replaces the shell's checks",
        "class X(SageStrategy):\n    def _enter(self, answer, signal):\n        return None",
    ),
    _plugin("replaces the shell's method by a value", "class X(SageStrategy):\n    on_event = None"),
    _plugin(
        "replaces the shell's state",
        "class X(SageStrategy):\n    def initialize(self, config):\n        self._trades = {}",
    ),
    _plugin("begins otherwise", "class X(SageStrategy):\n    def __init__(self, config):\n        pass"),
    _plugin(
        "claims orders of others",
        "class XConfig(SageStrategyConfig, frozen=True, kw_only=True):\n    external_order_claims: list[str] = []",
    ),
    _plugin(
        "takes its self from a list",
        "class X(SageStrategy):\n    def on_new_signal(*given):\n        return given[0].msgbus",
    ),
    Hostile(
        "begins otherwise under another name",
        "from sagetrade_nautilus.strategy import SageStrategy as Base\n\nclass X(Base):\n    def __init__(self, config):\n        pass",
        project=True,
    ),
    _plugin(
        "replaces the shell's method on a condition",
        "class X(SageStrategy):\n    if True:\n        def on_bar(self, bar):\n            pass",
    ),
    _plugin(
        "replaces the shell's method by a loop", "class X(SageStrategy):\n    for on_bar in (None,):\n        pass"
    ),
    _plugin("replaces the shell's method by an import", "class X(SageStrategy):\n    from math import floor as on_bar"),
    _plugin(
        "gives two modules one name", "import math as np\n\ndef f():\n    import statistics as np\n    return np.sys"
    ),
    _plugin("runs as it is imported", "for n in range(3):\n    print(n)"),
)
REAL: Final = (
    *(
        attack.name
        for attack in STEALS
        if "device" not in attack.name and "kernel" not in attack.name and "disk" not in attack.name
    ),
    *(attack.name for attack in TALKS if "web server" not in attack.name),
    *(attack.name for attack in ALTERS[:11] if "folder" not in attack.name),
    "rewrites the interpreter's library",
    "rewrites an installed package",
    "sets who handles crashes",
    "links its outputs to the kill switch",
    "links a folder of its outputs",
    "gives a file a second name",
    "leaves a program with rights",
    "leaves a pipe that hangs its reader",
    "leaves a socket",
    "hides memory in nameless files",
    "opens too many files",
    "attaches to another process",
    "ends another process",
    "looks for other processes",
    "makes a namespace",
    "takes its root away",
    "asks for a ring",
    "becomes another program",
    *(
        attack.name
        for attack in TRICKS[:-2]
        if attack.name not in ("loads what numpy unpickles", "runs as a decorator")
    ),
)
"""Those that can be let loose without a sandbox, and then escape: they try what they say."""
ATTACKS: Final = (*STEALS, *TALKS, *ALTERS, *GROWS, *BREAKS_OUT, *TRICKS, *PLUGINS)
