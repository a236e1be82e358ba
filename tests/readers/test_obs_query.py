"""Queries on sample attributes: what pandas gives for those people write, and nothing that runs code."""

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genenet.errors import InputError
from genenet.readers.obs_query import LANGUAGE, rows_fulfilling

OBS = pd.DataFrame(
    {
        "t": pd.Categorical(["B", "T", "B", None]),
        "cell type": ["B", "T x", "B.1", "`"],
        "age": [31, 45, 62, np.nan],
        "n": [1, 2, 3, 4],
        "flag": [True, False, True, False],
        "class": ["a", "b", "a", "b"],
        "some": pd.array([1, None, 3, 4], "Int64"),
        "size": pd.Categorical(["low", "high", "mid", "low"], ["low", "mid", "high"], ordered=True),
    },
    index=["s1", "s2", "s3", "s4"],
)
COLUMNS = "obs has the columns t, cell type, age, n, flag, class, some, size"

AS_PANDAS = [
    "t == 'B'",
    "t != 'B'",
    "`cell type` == 'B' | n > 3",
    "age > 40 & n < 4",
    "age>40 and not flag",
    "~flag",
    "flag",
    "n in [1, 2]",
    "n not in (1,2)",
    "t == ['B','T']",
    "20 < age < 50",
    "age.isna()",
    "t.notna()",
    "`cell type`.str.contains('B')",
    "`cell type`.str.contains(r'^B\\.')",
    "`cell type`.str.startswith('T ')",
    "`cell type`.str.endswith('.1')",
    "`cell type`.str.len() > 1",
    "`cell type`.str.lower() == 'b'",
    "n ** 2 > 8",
    "n % 2 == 0 and -n < -2",
    "n // 2 == 1",
    "age/2+1 > 20",
    "index == 's2'",
    "index in ['s1','s4']",
    "some > 1",
    "size > 'low'",
    "n.between(2,3)",
    "t.isin(['B'])",
    "`class` == 'a'",
    "(t == 'B') & (n == 3)",
    "flag == True",
    "\"B\" == t",
    "`cell type` == '`'",
    "`cell type` == 'a & b' or n == 4",
]  # fmt: skip


@pytest.mark.parametrize("query", AS_PANDAS)
def test_obs_query__as_pandas(query):
    expected = OBS.assign(row=range(4)).query(query, engine="python")["row"]
    assert rows_fulfilling(OBS, query).tolist() == expected.tolist()


def test_obs_query__missing_text_fulfils_nothing():
    assert rows_fulfilling(OBS, "t.str.match('B|T')").tolist() == [0, 1, 2]
    assert rows_fulfilling(OBS, "not t.str.match('B')").tolist() == [1]


def test_obs_query__code_of_a_configuration_is_not_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    query = "n.__init__.__globals__.get('sys').modules.get('os').system('touch PWNED') == n"
    with pytest.raises(InputError, match="the method system is not known"):
        rows_fulfilling(OBS, query)
    with pytest.raises(InputError, match="the method to_csv is not known"):
        rows_fulfilling(OBS, "n.to_csv('PWNED')")
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("t == 'X'", "; t is B, T"),
        ("n > 40 and `cell type` == 'B'", "; cell type is B, B.1, T x, `, n is 1 to 4"),
    ],
)
def test_obs_query__that_nothing_fulfils(query, there):
    with pytest.raises(InputError) as caught:
        rows_fulfilling(OBS, query)
    assert str(caught.value) == f"prepare.obs_query: none of the 4 samples fulfils {query}{there}"


REFUSED = {
    "n.apply(print)": "the method apply is not known",
    "n.apply(n)": "the method apply is not known",
    "__import__('os').system('x')": "the method system is not known",
    "print(n)": "'print' cannot be called",
    "@n > 1": "no condition: invalid syntax",
    "n[0] > 1": f"'n[0]' is not understood: a query is made of {LANGUAGE}",
    "[x for x in n]": f"'[x for x in n]' is not understood: a query is made of {LANGUAGE}",
    "f'{n}' == t": f"\"f'{{n}}'\" is not understood: a query is made of {LANGUAGE}",
    "age.isna": f"'age.isna' is not understood: a query is made of {LANGUAGE}",
    "(lambda: n)() == 1": "'lambda: n' cannot be called",
    "n if flag else t": f"'n if flag else t' is not understood: a query is made of {LANGUAGE}",
    "'a' * 10**9 == t": "'a' cannot be computed with",
    "(" * 500 + "n" + ")" * 500: "no condition: too many nested parentheses",
    "~" * 3000 + "flag": "it is nested too deeply",
    "n == 1j": "1j is neither number nor text",
    "t == b'B'": "b'B' is neither number nor text",
    "n is 3": "`is` compares nothing here; write == or .isna()",
    "n == None": "None is no value: write COLUMN.isna() for what is missing",
    "cell type == 'B'": "write a name with blanks or signs in backticks: `cell type`",
    "nn > 3": "there is no column nn",
    "`nope` > 3": "there is no column nope",
    "`t": "a backtick is not closed",
    "True": "the query is no condition; compare it with something",
    "age": "the query is no condition; compare it with something",
    "n & 1": "'n' is no condition; compare it with something",
    "1 == 1": "a comparison without a column",
    "t > 'B'": "Unordered Categoricals can only compare equality or not",
    "t.str.foo()": "the method foo is not known",
    "n.str.contains('1')": "column n holds int64, not text",
    "t.str.contains(3)": "a text is due, got 3",
    "t.str.contains('(?=B)')": "Invalid regular expression: invalid perl operator: (?=",
    "t.str.contains('\\ud800')": "'utf-8' codec can't encode character '\\ud800' in position 0: surrogates not a...",
    "t.isin('B')": "`in` needs a list behind it: ['a', 'b']; for parts of a text write COLUMN.str.contains('a')",
    "n.isin([[1]])": "a list holds numbers and texts, not '[1]'",
    "n.isna(3)": "isna does not take these arguments: 'n.isna(3)'",
    "t.str.contains('B', flags=3)": "contains does not take these arguments: \"t.str.contains('B', flags=3)\"",
    "n > 'x'": "a column of numbers is compared with a text; leave off the quotes",
    "'x' <= age": "a column of numbers is compared with a text; leave off the quotes",
    "`cell type` < 3": "a column of text is compared with a number",
    "n > 99999999999999999999": "an integer is larger than 9,223,372,036,854,775,807",
    "n = 2": "no condition: invalid syntax",
}


@pytest.mark.parametrize("query", REFUSED)
def test_obs_query__refused(query):
    with pytest.raises(InputError) as caught:
        rows_fulfilling(OBS, query)
    shown = query if len(query) <= 80 else query[:77] + "..."
    assert str(caught.value) == f"prepare.obs_query: {shown} does not work ({REFUSED[query]}); {COLUMNS}"


def test_obs_query__takes_no_time_or_memory_that_it_does_not_need():
    start = time.process_time()
    obs = pd.DataFrame({"t": ["a" * 40 + "b"] * 100, "n": range(100)})
    assert rows_fulfilling(obs, "t.str.contains('(a+)+$') or n == 3").tolist() == [3]
    assert rows_fulfilling(obs, "n < 10**10**10").tolist() == list(range(100))
    with pytest.raises(InputError, match="is longer than 10,000 characters; shorten it"):
        rows_fulfilling(obs, "not " * 3000 + "n")
    assert time.process_time() - start < 5
