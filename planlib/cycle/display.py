"""Show a run on a console: bars on a terminal, plain lines in a log."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from planlib.cycle.listener import Listener

_SHOWN = 2  # reasons quoted in a line
_COLORS = {"succeeded": "green", "left_out": "yellow", "running": "cyan"}


class RunDisplay(Listener):
    """One line per notebook."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.tasks: dict[str, TaskID] = {}
        self.guard = threading.Lock()
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[state]}"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> RunDisplay:
        """Begin to draw."""
        self.progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Leave the last picture on the screen."""
        self.progress.stop()

    def planned(self, steps: Sequence[str], cells: Mapping[str, int]) -> None:
        """Draw an empty bar per notebook."""
        for name in steps:
            self.tasks[name] = self.progress.add_task(
                name, start=False, total=cells.get(name, 1), state="waiting"
            )

    def began(self, step: str, reasons: Sequence[str]) -> None:
        """Start the clock of a notebook and say why it runs."""
        more = f" and {len(reasons) - _SHOWN} more" if len(reasons) > _SHOWN else ""
        why = "; ".join(reasons[:_SHOWN]) + more
        if self.progress.disable:
            self.console.print(f"{step}  started ({escape(why)})")
            return
        self.progress.start_task(self.tasks[step])
        self.progress.update(self.tasks[step], state=_colored("running", "running"))

    def cell(self, step: str, number: int) -> None:
        """Move a bar."""
        with self.guard:
            if step in self.tasks and not self.progress.disable:
                self.progress.update(self.tasks[step], completed=number - 1)

    def ended(self, step: str, record: Mapping[str, Any]) -> None:
        """Say how a notebook ended."""
        state = str(record.get("state"))
        text = {"succeeded": "done", "left_out": "left out"}.get(state, state.replace("_", " "))
        if record.get("carried"):
            text = f"unchanged since {record['carried']}"
        if state in ("left_out", "blocked"):
            text = f"{text}: {record.get('message', '')}"
        if self.progress.disable:
            seconds = record.get("seconds")
            spent = f" in {seconds:.1f} s" if seconds and not record.get("carried") else ""
            self.console.print(f"{step}  {escape(text)}{spent}")
            return
        task = self.tasks[step]
        self.progress.start_task(task)
        total = next(one.total for one in self.progress.tasks if one.id == task)
        finished = {"completed": total} if state == "succeeded" else {}
        self.progress.update(task, state=_colored(state, text), **finished)  # type: ignore[arg-type]
        self.progress.stop_task(task)

    def says(self, text: str) -> None:
        """Say one line."""
        self.console.print(escape(text))


def _colored(state: str, text: str) -> str:
    return f"[{_COLORS.get(state, 'red')}]{escape(text)}[/]"
