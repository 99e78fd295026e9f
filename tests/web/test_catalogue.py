"""Every text for people can be collected for translators, from templates, Python and TypeScript."""

from __future__ import annotations

from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

ROOT = Path(__file__).parents[2]
CONFIGURATION = ROOT / "telegut" / "web" / "translations" / "babel.cfg"


def test_texts_are_found_in_templates_python_and_typescript() -> None:
    with CONFIGURATION.open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found: dict[str, set[str]] = {}
    for folder in (ROOT / "telegut", ROOT / "static" / "src"):
        for name, _, message, *_ in extract_from_dir(str(folder), methods, options, {"_": None, "ngettext": (1, 2)}):
            found.setdefault(Path(name).suffix, set()).add(message if isinstance(message, str) else message[0])

    assert "How was yesterday?" in found[".html"]
    assert "%(n)s person in your care" in found[".html"]
    assert "Good morning" in found[".py"]
    assert "No connection, trying again …" in found[".ts"]
