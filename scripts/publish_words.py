"""Write what is generated from the words: `python scripts/publish_words.py [--turtle FILE] [--check]`.

docs/words.html is the page for a browser, committed. `--turtle` also writes SKOS for other programs. `--check` writes
nothing and fails where the committed page is not what the tables say.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ontology import load_ontology  # noqa: E402
from ontology.page import words_page  # noqa: E402
from ontology.skos import to_turtle  # noqa: E402

PAGE = ROOT / "docs" / "words.html"


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turtle", type=Path, metavar="FILE", help="also write SKOS in Turtle")
    parser.add_argument("--check", action="store_true", help="only compare with the committed page")
    options = parser.parse_args()
    ontology = load_ontology()
    page = words_page(ontology)
    if options.check:
        same = PAGE.exists() and PAGE.read_text(encoding="utf-8") == page
        print("docs/words.html is what the words say." if same else "docs/words.html differs: run without --check.")
        return 0 if same else 1
    PAGE.write_text(page, encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {len(page) // 1000} kB")
    if options.turtle:
        options.turtle.write_text(to_turtle(ontology), encoding="utf-8")
        print(f"{options.turtle}: SKOS of {len(ontology)} words")
    return 0


if __name__ == "__main__":
    sys.exit(main())
