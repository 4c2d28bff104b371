"""The house as DESIGN.md draws it: who may import whom, and what a module promises to export."""

import ast
import importlib
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Top to bottom; a room imports only rooms below it. benchmarks stands beside the house and may use all of it.
# The command line is the house's other door: it opens the page and starts the benchmarks.
ROOMS = ("app", "assistant", "ontology", "models", "exchange", "console")
DOORS = {"assistant/cli/app.py": {"app"}, "assistant/cli/bench.py": {"benchmarks"}}
LIBRARY = ("assistant", "ontology", "models", "exchange", "console")
# Where a heavy package may be imported at all.
ONLY_IN = {
    "gradio": ("app.py", "assistant/web/"),
    "langchain": ("assistant/chat/",),
    "langgraph": ("assistant/chat/",),
    "mcp": ("assistant/mcp/",),
}
FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for room in (*LIBRARY, "app.py")
    for path in ([ROOT / room] if room.endswith(".py") else (ROOT / room).rglob("*.py"))
    if path.exists()
)


def tree_of(file: str) -> ast.Module:
    return ast.parse((ROOT / file).read_text(encoding="utf-8"))


def imported(file: str) -> set[str]:
    """Every module a file imports, at its top or inside a function, by its full name."""
    found = set()
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively; write the full name"
            found.add(node.module or "")
    return found


def module_of(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def public(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Functions and classes a module defines at its top, without those that begin with an underscore."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [node for node in tree.body if isinstance(node, kinds) and not node.name.startswith("_")]


def exports(tree: ast.Module) -> list[str] | None:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            names: list[str] = ast.literal_eval(node.value)
            return names
    return None


def test_the_files_are_found() -> None:
    assert "console/desk.py" in FILES
    assert "exchange/audio.py" in FILES
    assert len(FILES) > 30


@pytest.mark.parametrize("file", FILES)
def test_imports_go_only_downward(file: str) -> None:
    room = file.split("/")[0].removesuffix(".py")
    above = {*ROOMS[: ROOMS.index(room)], "benchmarks", "tests", "scripts"} - DOORS.get(file, set())
    reached = {name.split(".")[0] for name in imported(file)}
    assert not reached & above, f"{file} reaches up to {', '.join(sorted(reached & above))}"


@pytest.mark.parametrize("file", FILES)
def test_heavy_packages_are_imported_only_where_they_live(file: str) -> None:
    for name in imported(file):
        for package, homes in ONLY_IN.items():
            if name.split(".")[0].startswith(package):
                assert file.startswith(homes), f"{file} imports {name}; only {', '.join(homes)} may"


@pytest.mark.parametrize("file", FILES)
def test_modules_say_what_they_are_for(file: str) -> None:
    tree = tree_of(file)
    if file.startswith(tuple(f"{room}/" for room in LIBRARY)) and not tree.body:
        assert file.endswith("__init__.py"), f"{file} is empty"
        return
    assert ast.get_docstring(tree), f"{file} has no docstring"


@pytest.mark.parametrize("file", FILES)
def test_public_functions_and_classes_have_a_docstring(file: str) -> None:
    silent = [node.name for node in public(tree_of(file)) if not ast.get_docstring(node)]
    assert not silent, f"{file}: {', '.join(silent)}"


@pytest.mark.parametrize("file", [file for file in FILES if exports(tree_of(file)) is not None])
def test_all_lists_what_the_module_has(file: str) -> None:
    listed = exports(tree_of(file)) or []
    assert len(set(listed)) == len(listed), f"{file} lists a name twice"
    missing = [name for name in listed if not hasattr(importlib.import_module(module_of(file)), name)]
    assert not missing, f"{file} lists {', '.join(missing)}, which it has not"


@pytest.mark.parametrize("file", [file for file in FILES if file.startswith("console/")])
def test_all_lists_everything_public_in_the_console(file: str) -> None:
    tree = tree_of(file)
    listed = exports(tree)
    if listed is None:
        assert not public(tree), f"{file} has no __all__"
        return
    forgotten = {node.name for node in public(tree)} - set(listed)
    assert not forgotten, f"{file} does not list {', '.join(sorted(forgotten))}"


@pytest.mark.parametrize("file", [file for file in FILES if file.endswith("__init__.py")])
def test_init_files_only_gather_names(file: str) -> None:
    """Imports and `__all__`: no code that runs, nothing defined."""
    allowed = (ast.Import, ast.ImportFrom, ast.Expr, ast.Assign, ast.AnnAssign)
    for node in tree_of(file).body:
        assert isinstance(node, allowed), f"{file}:{node.lineno}"
        assert not isinstance(node, ast.Assign) or exports(ast.Module([node], [])) is not None, f"{file}:{node.lineno}"


def test_the_console_knows_nothing_of_files_words_and_pages() -> None:
    """Beyond numpy, torch, numba, scipy and pydantic it needs nothing that is not Python's own."""
    allowed = {"numpy", "torch", "numba", "llvmlite", "scipy", "pydantic", "pyloudnorm", "console"}
    for file in FILES:
        if file.startswith("console/"):
            foreign = {name.split(".")[0] for name in imported(file)} - allowed - set(sys.stdlib_module_names)
            assert not foreign, f"{file} imports {', '.join(sorted(foreign))}"
