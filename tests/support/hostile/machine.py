"""Attacks on the machine: what is secret, the network, files, and what there is only so much of."""

from typing import Final

from tests.support.hostile.attack import SAY, Hostile, call

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
        "        found = os.path.join(place, name)\n"
        "        if 'secret' in name and not place.startswith(('/usr', '/proc')) and os.path.isfile(found):\n"
        "            print(open(found, errors='replace').read()[:1000])",
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
    call("hides memory in nameless files", "SAY('memfd') if libc.memfd_create(b'x', 0) >= 0 else None"),
    call("hides memory in shared segments", "SAY('shm') if libc.shmget(0, 4096, 0o1600) >= 0 else None"),
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
