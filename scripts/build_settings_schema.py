"""Write docs/settings.schema.json from the parameter table."""

import json
from pathlib import Path

from exchange.settings_file import settings_schema

OUT = Path(__file__).resolve().parent.parent / "docs" / "settings.schema.json"


def main() -> None:
    """Write the file anew."""
    OUT.write_text(json.dumps(settings_schema(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(OUT)


if __name__ == "__main__":
    main()
