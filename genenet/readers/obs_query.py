"""Choosing samples by a condition on their attributes: the language of `prepare.obs_query`.

The language is that of `DataFrame.query` of pandas as far as people use it to choose samples. A query is evaluated here
from its syntax tree, in which only the operations listed below are allowed: pandas would call any method of any column,
so that a configuration file of somebody else could run any code.
"""

import ast
import io
import keyword
import operator
import re
import tokenize
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.errors import InputError, count, first_line, quote_some, shorten, suggest

MAX_LENGTH = 10_000
"""Characters of the longest query; Python's parser is slow on longer ones."""
MAX_INTEGER = 2**63 - 1

Series: TypeAlias = "pd.Series[Any]"

COMPARISONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
ARITHMETIC: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
METHODS = ("isin", "between", "isna", "isnull", "notna", "notnull")
STRING_METHODS = (
    "contains", "startswith", "endswith", "match", "fullmatch", "lower", "upper", "strip", "len",
)  # fmt: skip
LANGUAGE = (
    "comparisons, and, or, not, &, |, ~, in, + - * / // % **, numbers, texts, lists, names of columns (in `backticks`"
    f" if they have blanks), .{', .'.join(METHODS)}, and .str.{', .str.'.join(STRING_METHODS)}"
)
"""All that a query can be made of, for messages and the documentation."""


class QueryError(Exception):
    """A query that has no meaning; its text goes into the message."""


def rows_fulfilling(obs: pd.DataFrame, query: str, of: Literal["obs", "var"] = "obs") -> NDArray[np.int64]:
    """Find the samples (or genes) whose attributes fulfil a condition.

    Parameters
    ----------
    obs
        Attributes of the samples (or of the genes, var), one a row.
    query
        The condition, as ``cell_type == 'B' and age > 40``. It may compare (also in a chain, ``20 <= age < 60``), ask
        for membership (``tissue in ['lung', 'liver']``), join conditions by `and`, `or`, `not` (or ``&``, ``|`` and
        ``~``), compute with numbers (in double precision), and call the methods in `METHODS` and, on columns of text,
        those in `STRING_METHODS`, with the meaning that pandas gives them. Regular expressions are those of RE2, which
        takes time proportional to the length of the text. A column whose name is no word of Python stands in backticks;
        `index` is the name of the sample, unless there is a column of that name. A comparison with a missing value is
        false.
    of
        The table it is; `var` for genes, in `prepare.var_query`.

    Returns
    -------
    Positions of the samples (or genes), ascending.

    Raises
    ------
    InputError
        If the query has anything else in it, names a column that is not there, or no sample fulfils it.

    Examples
    --------
    >>> obs = pd.DataFrame({"cell type": ["B", "T", "B"], "age": [31, 45, 62]}, index=["s1", "s2", "s3"])
    >>> rows_fulfilling(obs, "`cell type` == 'B' & age / 2 > 20").tolist()
    [2]
    >>> rows_fulfilling(obs, "age.to_csv('x')")
    Traceback (most recent call last):
    genenet.errors.InputError: obs_query: age.to_csv('x') does not work (the method to_csv is not known); obs \
has the columns cell type, age
    """
    if not isinstance(query, str) or len(query) > MAX_LENGTH:
        raise InputError(f"prepare.{of}_query: {_shown(query)} is longer than {MAX_LENGTH:,} characters; shorten it")
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # warnings of Python's parser about texts such as '\d'
            found = _Query(obs, query).condition()
    except QueryError as error:
        known = quote_some(list(obs.columns), most=20)
        there = f"{of} has the columns {known}" if known else f"{of} has no columns"
        raise InputError(f"prepare.{of}_query: {_shown(query)} does not work ({error}); {there}") from None
    rows = np.flatnonzero(found)
    if not len(rows):
        there = _described(obs, query)
        kind = "sample" if of == "obs" else "gene"
        raise InputError(f"prepare.{of}_query: none of the {count(len(obs), kind)} fulfils {_shown(query)}{there}")
    return rows


def _described(obs: pd.DataFrame, query: str) -> str:
    """Say which values the columns that a query names have."""
    parts = []
    for name in obs:
        column = obs[name].dropna()
        if not len(column) or not re.search(rf"(?<!\w){re.escape(str(name))}(?!\w)", query):
            continue
        if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
            parts.append(f"{name} is {column.min():g} to {column.max():g}")
        else:
            parts.append(f"{name} is {quote_some(sorted(set(column.astype(str))), 5)}")
    return f"; {', '.join(parts)}" if parts else ""


class _Query:
    """A query on a table: its syntax tree, and the value of each node."""

    def __init__(self, obs: pd.DataFrame, query: str) -> None:
        self._obs = obs
        self._text, self._quoted = _without_backticks(query)
        self._tree = _parsed(self._text, obs)

    def condition(self) -> NDArray[np.bool_]:
        """Whether each row fulfils the query."""
        try:
            value = self._value(self._tree)
        except RecursionError:
            raise QueryError("it is nested too deeply") from None
        return _truth(value, "the query").to_numpy(dtype=bool, na_value=False)

    def _value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=value):
                return _literal(value)
            case ast.Name(id=name):
                return self._column(name)
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                return [self._item(item) for item in items]
            case ast.BoolOp(op=operation, values=values):
                return self._joined(operation, values)
            case ast.UnaryOp(op=operation, operand=operand):
                return _unary(operation, self._value(operand))
            case ast.BinOp(left=left, op=operation, right=right) if type(operation) in ARITHMETIC:
                numbers = [_numbers(self._value(side)) for side in (left, right)]
                return ARITHMETIC[type(operation)](*numbers)
            case ast.Compare(left=left, ops=operations, comparators=others):
                return self._comparison(left, operations, others)
            case ast.Call():
                return self._call(node)
        raise QueryError(f"{shorten(ast.unparse(node))} is not understood: a query is made of {LANGUAGE}")

    def _item(self, node: ast.expr) -> Any:
        value = self._value(node)
        if isinstance(value, pd.Series | list):
            raise QueryError(f"a list holds numbers and texts, not {shorten(ast.unparse(node))}")
        return value

    def _column(self, name: str) -> Series:
        column = self._quoted.get(name, name)
        if column in self._obs:
            values: Any = self._obs[column]
            if isinstance(values, pd.DataFrame):
                raise QueryError(f"there are {values.shape[1]:,} columns {_shown(column)}")
            return values
        if column == "index":
            return pd.Series(self._obs.index, index=self._obs.index, dtype=object)
        raise QueryError(f"there is no column {_shown(column)}{suggest(column, map(str, self._obs.columns))}")

    def _joined(self, operation: ast.boolop, nodes: list[ast.expr]) -> Series:
        join = operator.and_ if isinstance(operation, ast.And) else operator.or_
        found, *others = (_truth(self._value(node), shorten(ast.unparse(node))) for node in nodes)
        for other in others:
            found = join(found, other)
        return found

    def _comparison(self, left: ast.expr, operations: list[ast.cmpop], others: list[ast.expr]) -> Series:
        values = [self._value(node) for node in (left, *others)]
        parts = [_compared(a, operation, b) for a, operation, b in zip(values, operations, values[1:], strict=False)]
        found = parts[0]
        for part in parts[1:]:
            found = found & part
        return found

    def _call(self, node: ast.Call) -> Any:
        if not isinstance(node.func, ast.Attribute):
            raise QueryError(f"{shorten(ast.unparse(node.func))} cannot be called")
        name, owner = node.func.attr, node.func.value
        if isinstance(owner, ast.Attribute) and owner.attr == "str" and name in STRING_METHODS:
            of, table = self._value(owner.value), _STRINGS
        elif name in METHODS:
            of, table = self._value(owner), _METHODS
        else:
            raise QueryError(f"the method {_shown(name)} is not known")
        arguments = [self._value(argument) for argument in node.args]
        named = {item.arg or "**": self._value(item.value) for item in node.keywords}
        if not isinstance(of, pd.Series):
            raise QueryError(f"{name} is for columns, not for {shorten(ast.unparse(owner))}")
        try:
            return table[name](of, *arguments, **named)
        except TypeError:
            raise QueryError(f"{name} does not take these arguments: {shorten(ast.unparse(node))}") from None


def _without_backticks(query: str) -> tuple[str, dict[str, str]]:
    """Replace each name in backticks by a Python identifier; return the text, and the column of each identifier."""
    quoted: dict[str, str] = {}
    stem = "column_"
    while stem in query:
        stem += "_"
    parts: list[str] = []
    # Texts in quotes stay as they are, whatever is in them.
    for found in re.finditer(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`([^`]*)`|`|[^'\"`]+|.", query, re.DOTALL):
        if found[0] == "`":
            raise QueryError("a backtick is not closed")
        if found[0].startswith("`"):
            quoted[f"{stem}{len(quoted)}"] = found[1]
            parts.append(f" {stem}{len(quoted) - 1} ")
        else:
            parts.append(found[0])
    return "".join(parts).strip(), quoted


def _parsed(text: str, obs: pd.DataFrame) -> ast.expr:
    """Make the syntax tree; & and | join conditions, as in pandas, and bind like `and` and `or`."""
    try:
        tree = ast.parse(_with_words(text), mode="eval")
    except (SyntaxError, ValueError, tokenize.TokenError, RecursionError, MemoryError) as error:
        raise QueryError(_why_no_query(error, text, obs)) from None
    return tree.body


def _with_words(text: str) -> str:
    tokens = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.OP and token.string in "&|":
            tokens.append((tokenize.NAME, {"&": "and", "|": "or"}[token.string]))
        elif token.type not in (tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT):
            tokens.append((token.type, token.string))
    return tokenize.untokenize(tokens).strip()


def _why_no_query(error: Exception, text: str, obs: pd.DataFrame) -> str:
    if isinstance(error, RecursionError | MemoryError):
        return "it is nested too deeply"
    odd = [name for name in map(str, obs.columns) if not name.isidentifier() or keyword.iskeyword(name)]
    named = [name for name in odd if name in text]
    if named:
        return f"write a name with blanks or signs in backticks: `{_shown(named[0])}`"
    reason = error.msg if isinstance(error, SyntaxError) else first_line(error)
    return f"no condition: {reason}"


def _literal(value: Any) -> Any:
    if isinstance(value, bool | float | str):
        return value
    if isinstance(value, int):
        if value > MAX_INTEGER:
            raise QueryError("an integer is larger than 9,223,372,036,854,775,807")
        return value
    if value is None:
        raise QueryError("None is no value: write COLUMN.isna() for what is missing")
    raise QueryError(f"{shorten(value)} is neither number nor text")


def _unary(operation: ast.unaryop, value: Any) -> Any:
    if isinstance(operation, ast.Not | ast.Invert):
        return ~_truth(value, "what is negated")
    if isinstance(value, int | float) and not isinstance(value, bool):  # a number stays what it is
        return -value if isinstance(operation, ast.USub) else value
    numbers = _numbers(value)
    return -numbers if isinstance(operation, ast.USub) else numbers


def _truth(value: Any, what: str) -> Series:
    if not isinstance(value, pd.Series) or not pd.api.types.is_bool_dtype(value.dtype):
        raise QueryError(f"{what} is no condition; compare it with something")
    if isinstance(value.dtype, pd.CategoricalDtype):
        value = value.astype(object).map({True: True, False: False})
    return value.astype("boolean")


def _numbers(value: Any) -> Any:
    """Convert to double precision, whose powers take no more memory; Python's integers grow without limit."""
    if isinstance(value, pd.Series):
        if not pd.api.types.is_numeric_dtype(value.dtype) or pd.api.types.is_complex_dtype(value.dtype):
            raise QueryError(f"column {_shown(value.name)} holds {value.dtype}, which cannot be computed with")
        return value.astype("Float64" if pd.api.types.is_extension_array_dtype(value.dtype) else np.float64)
    if isinstance(value, bool | int | float):
        return np.float64(value)
    raise QueryError(f"{shorten(value)} cannot be computed with")


def _compared(left: Any, operation: ast.cmpop, right: Any) -> Series:
    if not isinstance(left, pd.Series) and not isinstance(right, pd.Series):
        raise QueryError("a comparison without a column")
    if isinstance(operation, ast.In | ast.NotIn):
        found = _is_in(left, right)
        return ~found if isinstance(operation, ast.NotIn) else found
    if isinstance(left, list) or isinstance(right, list):  # as in pandas: equal to one of these
        column, items = (right, left) if isinstance(left, list) else (left, right)
        if not isinstance(operation, ast.Eq | ast.NotEq):
            raise QueryError("a list can be compared by ==, != and in only")
        found = _is_in(column, items)
        return ~found if isinstance(operation, ast.NotEq) else found
    if type(operation) not in COMPARISONS:
        raise QueryError("`is` compares nothing here; write == or .isna()")
    try:
        return _truth(COMPARISONS[type(operation)](left, right), "the comparison")
    except (TypeError, ValueError, OverflowError) as error:
        raise QueryError(_unlike(left, right) or first_line(error)) from None


def _unlike(left: Any, right: Any) -> str:
    """Say that numbers are compared with text, if they are."""
    column, value = (left, right) if isinstance(left, pd.Series) else (right, left)
    if not isinstance(column, pd.Series):
        return ""
    is_number = pd.api.types.is_numeric_dtype(column.dtype)
    if is_number and isinstance(value, str):
        return "a column of numbers is compared with a text; leave off the quotes"
    if not is_number and isinstance(value, int | float):
        return "a column of text is compared with a number"
    return ""


def _is_in(column: Any, items: Any) -> Series:
    if not isinstance(column, pd.Series):
        raise QueryError("`in` needs a column before it and a list behind it")
    if not isinstance(items, list | pd.Series):
        raise QueryError("`in` needs a list behind it: ['a', 'b']; for parts of a text write COLUMN.str.contains('a')")
    return _truth(column.isin(list(items)), "`in`")


def _between(column: Series, left: Any, right: Any) -> Series:
    return _compared(column, ast.GtE(), left) & _compared(column, ast.LtE(), right)


_METHODS: Mapping[str, Callable[..., Any]] = {
    "isin": lambda column, values: _is_in(column, values),
    "between": _between,
    "isna": lambda column: column.isna(),
    "isnull": lambda column: column.isna(),
    "notna": lambda column: column.notna(),
    "notnull": lambda column: column.notna(),
}


def _strings(column: Series) -> Any:
    """Texts of a column as an Arrow array, in which missing values are null."""
    import pyarrow as pa

    values = [value if isinstance(value, str) else None for value in column.astype(object)]
    if not any(value is not None for value in values) and column.notna().any():
        raise QueryError(f"column {_shown(column.name)} holds {column.dtype}, not text")
    return pa.array(values, pa.string())


def _on_strings(compute: Callable[..., Any]) -> Callable[..., Series]:
    def apply(column: Series, *arguments: Any, **named: Any) -> Series:
        import pyarrow as pa

        try:
            found = compute(_strings(column), *arguments, **named)
        except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeError) as error:
            raise QueryError(first_line(error)) from None
        values = pd.Series(found.to_pylist(), index=column.index, dtype=object, name=column.name)
        if pa.types.is_boolean(found.type):
            return values.astype("boolean")
        return values.astype("Int64") if pa.types.is_integer(found.type) else values

    return apply


def _regex(before: str, after: str) -> Callable[..., Any]:
    def find(values: Any, pat: str, *, case: bool = True, regex: bool = True) -> Any:
        import pyarrow.compute as pc

        _text_argument(pat)
        if not regex:
            return pc.match_substring(values, pattern=pat, ignore_case=not case)
        return pc.match_substring_regex(values, pattern=f"{before}{pat}{after}", ignore_case=not case)

    return find


def _affix(name: str) -> Callable[..., Any]:
    def find(values: Any, pat: Any) -> Any:
        import pyarrow.compute as pc

        found = None
        for text in pat if isinstance(pat, list) and pat else [pat]:
            _text_argument(text)
            one = getattr(pc, name)(values, pattern=text)
            found = one if found is None else pc.or_(found, one)
        return found

    return find


def _text_argument(value: Any) -> None:
    if not isinstance(value, str):
        raise QueryError(f"a text is due, got {shorten(value)}")


def _pc(name: str) -> Callable[..., Any]:
    def compute(values: Any) -> Any:
        import pyarrow.compute as pc

        return getattr(pc, name)(values)

    return compute


_STRINGS: Mapping[str, Callable[..., Any]] = {
    "contains": _on_strings(_regex("", "")),
    "match": _on_strings(_regex("^(?:", ")")),
    "fullmatch": _on_strings(_regex("^(?:", ")$")),
    "startswith": _on_strings(_affix("starts_with")),
    "endswith": _on_strings(_affix("ends_with")),
    "lower": _on_strings(_pc("utf8_lower")),
    "upper": _on_strings(_pc("utf8_upper")),
    "strip": _on_strings(_pc("utf8_trim_whitespace")),
    "len": _on_strings(_pc("utf8_length")),
}


def _shown(name: object) -> str:
    return shorten(str(name), quoted=False)
