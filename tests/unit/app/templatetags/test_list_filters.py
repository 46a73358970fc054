"""Chips: what a form and an address say of the active filters."""

from __future__ import annotations

from django.http import QueryDict

from tutela.app.templatetags.list_filters import Chip, chips_of, names_of

FORM = """
<span><label for="text">Number:</label> <input type="search" id="text" name="text" value="x"></span>
<label for="state">State</label>
<select id="state" name="state"><option value="open">open</option>
<option value="a&amp;b" selected>A &amp; B</option></select>
<select id="rule" name="rule"><option value="">all</option><option>exact</option></select><label for="rule">Rule</label>
<label><input type="checkbox" name="urgent" value="1"> urgent only</label>
<input type="hidden" name="sort" value="x">
"""


def test_a_form_has_the_fields_that_people_see() -> None:
    assert names_of(FORM) == {"text", "state", "rule", "urgent"}


def test_each_active_filter_is_a_chip_that_removes_it_alone() -> None:
    asked = QueryDict("text= R-1 &state=a%26b&rule=exact&urgent=1&page=3&columns=a&columns=b")
    assert chips_of(FORM, asked) == [
        Chip("Number", "R-1", "state=a%26b&rule=exact&urgent=1&columns=a&columns=b"),
        Chip("State", "A & B", "text=+R-1+&rule=exact&urgent=1&columns=a&columns=b"),
        Chip("Rule", "exact", "text=+R-1+&state=a%26b&urgent=1&columns=a&columns=b"),
        Chip("urgent only", "", "text=+R-1+&state=a%26b&rule=exact&columns=a&columns=b"),
    ]


def test_what_changes_nothing_is_no_chip() -> None:
    assert chips_of(FORM, QueryDict("text=+&state=open&rule=&other=1&sort=x")) == []
    assert chips_of(FORM, QueryDict("state=unheard-of")) == []
