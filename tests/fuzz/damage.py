"""Ways to damage the bytes of a file, chosen by a seed."""

from collections.abc import Callable

import numpy as np

Random = np.random.Generator


def flip_bits(content: bytes, random: Random) -> bytes:
    """One to eight bits are wrong."""
    damaged = bytearray(content)
    for place in random.integers(0, len(content), random.integers(1, 9)):
        damaged[place] ^= 1 << int(random.integers(8))
    return bytes(damaged)


def cut(content: bytes, random: Random) -> bytes:
    """The end is missing."""
    return content[: int(random.integers(0, len(content)))]


def overwrite(content: bytes, random: Random) -> bytes:
    """A block holds rubbish, or zeros."""
    start, size = int(random.integers(0, len(content))), int(random.integers(1, 513))
    rubbish = bytes(size) if random.random() < 0.3 else random.bytes(size)
    return content[:start] + rubbish[: len(content) - start] + content[start + size :]


def remove(content: bytes, random: Random) -> bytes:
    """A block is missing."""
    start, size = int(random.integers(0, len(content))), int(random.integers(1, 257))
    return content[:start] + content[start + size :]


def repeat(content: bytes, random: Random) -> bytes:
    """A block is there twice."""
    start, size = int(random.integers(0, len(content))), int(random.integers(1, 1025))
    return content[: start + size] + content[start:]


def swap(content: bytes, random: Random) -> bytes:
    """Two blocks have changed places."""
    size = int(random.integers(1, max(2, len(content) // 4)))
    first, second = sorted(int(start) for start in random.integers(0, len(content), 2))
    if second < first + size:
        return content[::-1] if random.random() < 0.1 else content[second:] + content[:second]
    middle = content[first + size : second]
    return (
        content[:first]
        + content[second : second + size]
        + middle
        + content[first : first + size]
        + content[second + size :]
    )


ODD = (
    b"", b"\t", b"\n", b"\r", b"\0", b",", b";", b'"', b"'", b"NA", b"nan", b"inf", b"-inf", b"1e999", b"1e-400", b"-0",
    b"0x10", b"1_0", b"\xef\xbb\xbf", b"\xff\xfe", b"\xc3\x28", b"\xed\xa0\x80", b"=cmd()", b"\x1b[2J", b"../../x",
    b"#", b"!", b"999999999999999999999", b"\xe2\x80\xae", b"{", b"[", b"&a", b"*a", b"<", b"%%MatrixMarket", b"#1.3",
)  # fmt: skip


def insert_odd(content: bytes, random: Random) -> bytes:
    """Odd marks and numbers stand in one to five places."""
    for _ in range(int(random.integers(1, 6))):
        start = int(random.integers(0, len(content) + 1))
        content = content[:start] + ODD[int(random.integers(len(ODD)))] + content[start + int(random.integers(0, 4)) :]
    return content


def move_lines(content: bytes, random: Random) -> bytes:
    """Lines are doubled, gone, or in another order; of other files, pieces between zeros."""
    separator = b"\n" if content.count(b"\n") > 3 else b"\0"
    lines = content.split(separator)
    where = int(random.integers(len(lines)))
    match int(random.integers(4)):
        case 0:
            del lines[where]
        case 1:
            lines.insert(where, lines[int(random.integers(len(lines)))])
        case 2:
            lines = [lines[place] for place in random.permutation(len(lines))]
        case _:
            lines = lines[: where + 1]
    return separator.join(lines)


WAYS: tuple[Callable[[bytes, Random], bytes], ...] = (
    flip_bits, flip_bits, cut, overwrite, remove, repeat, swap, insert_odd, move_lines,
)  # fmt: skip


def damaged(content: bytes, random: Random) -> bytes:
    """Damage a file in one way, or now and then in two."""
    for _ in range(1 if random.random() < 0.8 else 2):
        if content:
            content = WAYS[int(random.integers(len(WAYS)))](content, random)
    return content
