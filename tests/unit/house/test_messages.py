"""What people are told can be translated: every error speaks from the catalogue."""

from __future__ import annotations

import ast

from scripts import messages


def test_errors_are_known() -> None:
    assert len(messages.errors(messages.modules())) > 40


def test_errors_of_one_name_in_two_modules_are_both_in_the_catalogue() -> None:
    one = ast.parse('from tutela.events.errors import TutelaError as Base\nclass Late(Base):\n    """Too late here."""')
    other = ast.parse('from one import Late\nclass Later(Late):\n    """Later still."""\nLater("In a hurry.")')
    clash = ast.parse('class Late:\n    """A record of no error."""\nLate("Never shown.")')
    sources = {
        "one": one,
        "other": other,
        "clash": clash,
        "tutela.events.errors": messages.modules()["tutela.events.errors"],
    }
    said = messages.said(sources)
    assert {"Too late here.", "Later still.", "In a hurry."} <= said
    assert not {"A record of no error.", "Never shown."} & said
    again = {**sources, "clash": ast.parse(ast.unparse(one).replace("here", "there"))}
    assert {"Too late here.", "Too late there."} <= messages.said(again)


def test_no_error_is_given_a_text_that_no_catalogue_can_hold() -> None:
    """A text with values in it cannot be looked up: values are given by name."""
    trees = messages.modules()
    errors = messages.errors(trees)
    names = {module: messages.names(module, tree) for module, tree in trees.items()}
    bad = [
        f"{module}:{node.lineno}"
        for module, tree in trees.items()
        for node in messages.nodes(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.args
        and isinstance(node.args[0], ast.JoinedStr | ast.BinOp)
        and messages.defined(names, module, node.func.id) in errors
    ]
    assert not bad
