"""Odd values of every setting: each is taken or refused with a message, never an error of Python."""

import pytest

from genenet.config import settings_from_keywords
from genenet.config.keys import KEYS, flat_name
from genenet.errors import ConfigError

NUMBERS = [
    *("1_", "1__0", "9" * 5_000, "1" + "0" * 30, "1e-320", "1e400", "-1e400", "nan", "inf", "-inf", "-1", "-0", "1e18"),
    *("0x10", "0b11", "0o7", "1e", "1e5.5", ".5", "5.", "+5", "1E3", "1,5", "1 000", "\N{ARABIC-INDIC DIGIT THREE}"),
]
TEXTS = [
    *("", " 1 ", "true", "False", "null", "~", "none", "[]", "[1,2]", "{a: 1}", "a,b", "'", '"', "\0", "\n", "--"),
    *("*a", "&a [*a,*a]", "!!python/object:os.system", "a" * 100_000),
]


@pytest.mark.parametrize("dotted", KEYS)
def test_setting__odd_values_are_taken_or_refused(dotted):
    key = KEYS[dotted]
    messages = []
    for value in (*NUMBERS, *TEXTS):
        try:
            settings_from_keywords(**{flat_name(key): key.parse(value)})
        except ConfigError as error:
            messages.append(str(error))
    assert all(len(message) < 900 and "\0" not in message for message in messages)
