"""Parsing of the plain numbers of a text table."""

import math

import numpy as np

from genenet.kernels.jit import compiled, inner

NEWLINE, MINUS, PLUS, POINT, ZERO, NINE = 10, 45, 43, 46, 48, 57
SMALL_E, LARGE_E = 101, 69
LARGE_A, LARGE_N, SMALL_A = 65, 78, 97
# Powers of ten up to this are whole numbers of float64.
LARGEST_POWER = 22
POWERS = 10.0 ** np.arange(LARGEST_POWER + 1)
# Whole numbers up to this are float64; those of so many digits are int64.
LARGEST_WHOLE, MOST_DIGITS = 1 << 53, 18
# A float64 is split by this factor in halves whose products are exact (Dekker 1971, doi:10.1007/BF01397083).
SPLIT = 134_217_729.0
# The relative error of a correction is below this.
CORRECTION_ERROR = 2.0**-48
# Result of `parse_rows` for what is no table of plain numbers.
NOT_PLAIN = -1


@inner()
def _remainder(quotient, divisor, dividend):
    """Give dividend - quotient * divisor without rounding error; the quotient is that of the two, rounded."""
    product = quotient * divisor
    scaled = SPLIT * quotient
    high = scaled - (scaled - quotient)
    low = quotient - high
    scaled = SPLIT * divisor
    divisor_high = scaled - (scaled - divisor)
    divisor_low = divisor - divisor_high
    error = ((high * divisor_high - product) + high * divisor_low + low * divisor_high) + low * divisor_low
    return (dividend - product) - error


@inner()
def _nearest(digits, exponent):
    """Give the float64 that is nearest to digits * 10 ** exponent; NaN if that is not decided here.

    digits: int64, not negative. Whole numbers below 2 ** 53 and the powers of ten are exact, so that one division or
    multiplication rounds once (Clinger 1990, doi:10.1145/93542.93557). More digits are divided with a correction.
    """
    if abs(exponent) > LARGEST_POWER:
        return math.nan
    if digits <= LARGEST_WHOLE or exponent == 0:
        return digits / POWERS[-exponent] if exponent < 0 else digits * POWERS[exponent]
    if exponent >= 0:
        return math.nan
    power, rounded = POWERS[-exponent], np.float64(digits)
    quotient = rounded / power
    rest = _remainder(quotient, power, rounded) + np.float64(digits - np.int64(rounded))
    correction = rest / power
    error = abs(correction) * CORRECTION_ERROR
    lower, upper = quotient + (correction - error), quotient + (correction + error)
    return lower if lower == upper else math.nan


@inner()
def _is_missing(text, begin, end):
    """Whether a cell is empty, NA or NaN."""
    n = end - begin
    if n == 0:
        return True
    if n > 3 or text[begin] != LARGE_N:
        return False
    return (n == 2 and text[begin + 1] == LARGE_A) or (
        n == 3 and text[begin + 1] == SMALL_A and text[end - 1] == LARGE_N
    )


@compiled()
def parse_rows(text, separator, numbers, names, others):
    """Parse the lines of a table: a name and numbers, and tell how many cells are left for others to parse.

    text: uint8, whole lines; separator: its byte; numbers: float64 (n_rows, n_columns), overwritten; names: int64
    (n_rows, 2), overwritten: where each name begins and ends; others: int64 (n, 4), overwritten: row and column of each
    cell left over, and where it begins and ends. Returns NOT_PLAIN if a line has another number of fields, or if more
    than n cells are left over.
    """
    n_rows, n_columns = numbers.shape
    size, at, n_others = text.shape[0], 0, 0
    for row in range(n_rows):
        names[row, 0] = at
        while at < size and text[at] != separator and text[at] != NEWLINE:
            at += 1
        names[row, 1] = at
        if at == size or text[at] != separator:
            return NOT_PLAIN
        for column in range(n_columns):
            at += 1
            begin = at
            is_negative = text[at] == MINUS
            at += is_negative
            first, digits = at, np.int64(0)
            while ZERO <= text[at] <= NINE:
                digits = digits * 10 + (text[at] - ZERO)
                at += 1
            n_digits, exponent = at - first, 0
            if text[at] == POINT:
                at += 1
                first = at
                while ZERO <= text[at] <= NINE:
                    digits = digits * 10 + (text[at] - ZERO)
                    at += 1
                exponent = first - at
                n_digits -= exponent
            if n_digits > 0 and (text[at] == SMALL_E or text[at] == LARGE_E):
                at += 1
                sign = -1 if text[at] == MINUS else 1
                at += text[at] == MINUS or text[at] == PLUS
                first, power = at, 0
                while ZERO <= text[at] <= NINE and at - first < 4:
                    power = power * 10 + (text[at] - ZERO)
                    at += 1
                exponent += sign * power
                n_digits = n_digits if at > first else 0
            if n_digits > MOST_DIGITS:  # without the zeros before the first other digit
                first = begin + is_negative
                while text[first] == ZERO or text[first] == POINT:
                    n_digits -= text[first] == ZERO
                    first += 1
                n_digits = max(n_digits, 1)
            is_end = text[at] == (NEWLINE if column == n_columns - 1 else separator)
            value = _nearest(digits, exponent) if is_end and 0 < n_digits <= MOST_DIGITS else math.nan
            numbers[row, column] = -value if is_negative else value
            if value != value:
                while text[at] != separator and text[at] != NEWLINE:
                    at += 1
                if text[at] != (NEWLINE if column == n_columns - 1 else separator):
                    return NOT_PLAIN
                numbers[row, column] = math.nan
                if _is_missing(text, begin, at):
                    continue
                if n_others == others.shape[0]:
                    return NOT_PLAIN
                others[n_others, 0], others[n_others, 1] = row, column
                others[n_others, 2], others[n_others, 3] = begin, at
                n_others += 1
        at += 1
    return n_others if at == size else NOT_PLAIN
