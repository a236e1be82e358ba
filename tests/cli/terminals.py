"""Terminals for tests."""

import fcntl
import io
import os
import pty
import struct
import sys
import termios
import time
from collections.abc import Sequence
from pathlib import Path


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def run_in_terminal(arguments: Sequence[object], *, width: int, folder: Path) -> tuple[int, list[tuple[float, str]]]:
    """Run a command of genenet in a terminal of its own: its status, and what it wrote with the CPU seconds until then.

    The seconds are those of the process, so that other work on the machine does not count.
    """
    command = [sys.executable, "-m", "genenet", *map(str, arguments)]
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(folder)
        time.sleep(0.2)  # until the terminal has its width
        # Not that of the process: readline sets COLUMNS there behind Python's back.
        environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        os.execve(command[0], command, environment | {"TERM": "xterm"})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    written = []
    while text := _read(terminal):
        written.append((_cpu_seconds(process), text))
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), written


def _read(terminal: int) -> str:
    try:
        return os.read(terminal, 65_536).decode(errors="replace")
    except OSError:  # the other end is closed
        return ""


def _cpu_seconds(process: int) -> float:
    try:
        values = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(values[11]) + int(values[12])) / os.sysconf("SC_CLK_TCK")


def screen(text: str) -> list[str]:
    """Lines that stay on the screen: those that were not erased afterwards."""
    lines, row = [""], 0
    position = 0
    while position < len(text):
        character = text[position]
        if character == "\x1b":
            end = position + 2
            while text[end] not in "ABCDHJKhlm":
                end += 1
            kind, number = text[end], text[position + 2 : end]
            if kind == "A":
                row = max(0, row - int(number or 1))
            elif kind == "K":
                lines[row] = ""
            position = end + 1
            continue
        if character == "\n":
            row += 1
            lines += [""] * (row >= len(lines))
        elif character == "\r":
            if text[position : position + 2] != "\r\n":
                lines[row] = lines[row] if text[position + 1 : position + 2] == "\x1b" else ""
        else:
            lines[row] += character
        position += 1
    return [line.rstrip() for line in lines if line.strip()]
