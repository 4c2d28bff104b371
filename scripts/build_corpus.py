"""Build the training corpus from Debian packages.

`python scripts/build_corpus.py --out DIR --hours 20` fetches the packages of `scripts/corpus/packages.yaml` by
`apt-get download` (nothing is installed), renders instruments with Debian's `fluidsynth`, and writes clips of
44.1 kHz stereo with an index. Run it again after a stop: what is complete is kept.
"""

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from models.training.corpus import open_corpus  # noqa: E402
from scripts.corpus.build import Plan, Report, build  # noqa: E402
from scripts.corpus.table import CorpusError, PackageTable, load_table  # noqa: E402

_NOTES_SHOWN = 5


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 done, 1 could not."""
    parser = argparse.ArgumentParser(description="Build the training corpus from Debian packages.")
    parser.add_argument("--out", type=Path, help="the corpus folder; packages/ and clips/ go into it")
    parser.add_argument("--hours", type=_positive, help="all packages together (default: all they give)")
    parser.add_argument("--packages", nargs="+", metavar="NAME", help="only these (default: the whole table)")
    parser.add_argument("--seconds", type=_positive, default=10.0, help="length of a clip (default 10)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--list", action="store_true", help="show the table and stop")
    options = parser.parse_args(arguments)
    console = Console(stderr=True)
    try:
        table = load_table()
        if options.list:
            _show_table(table, Console())
            return 0
        if options.out is None:
            parser.error("--out is needed")
        plan = Plan(options.out, options.hours, options.seconds, options.seed)
        _check_same_clips(plan)
        reports = _build(table, options.packages, plan, console)
    except CorpusError as error:
        console.print(f"build_corpus: {error}", style="red")
        return 1
    _show_reports(reports, plan, console)
    return 0 if any(report.clips for report in reports) else 1


def _build(table: PackageTable, names: list[str] | None, plan: Plan, console: Console) -> list[Report]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        tasks: dict[str, TaskID] = {}

        def show(package: str, share: float) -> None:
            if package not in tasks:
                tasks[package] = progress.add_task(package, total=1.0)
            progress.update(tasks[package], completed=share)

        return build(table, names, plan, progress=show)


def _check_same_clips(plan: Plan) -> None:
    if (plan.out / "corpus.json").is_file():
        there = open_corpus(plan.out).clip_samples
        if there != plan.clip_samples:
            raise CorpusError(
                f"{plan.out} holds clips of {there} samples, not {plan.clip_samples}. Use another folder."
            )


def _show_table(table: PackageTable, console: Console) -> None:
    shown = Table(title="Packages")
    for heading in ("package", "kind", "split", "hours", "plays"):
        shown.add_column(heading)
    for row in table.packages.values():
        shown.add_row(row.name, row.kind, row.split, f"{row.hours:g}" if row.hours else "", ", ".join(row.scores))
    console.print(shown)
    for name in sorted(table.kept_for_judging):
        console.print(f"never: {name} (kept for judging)")
    for name, why in table.skipped.items():
        console.print(f"left out: {name} ({why})")


def _show_reports(reports: list[Report], plan: Plan, console: Console) -> None:
    for report in reports:
        console.print(f"{report.package}: {len(report.clips)} clips, {len(report.clips) * plan.clip_s / 3600:.2f} h")
        for source, why in report.notes[:_NOTES_SHOWN]:
            console.print(f"    {source}: {why}", style="dim")
        if len(report.notes) > _NOTES_SHOWN:
            console.print(f"    and {len(report.notes) - _NOTES_SHOWN} more, see corpus.json", style="dim")


def _positive(text: str) -> float:
    value = float(text)
    if not 0.0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


if __name__ == "__main__":
    sys.exit(main())
