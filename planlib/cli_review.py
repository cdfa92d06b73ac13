"""The command that serves the manager's view in a browser."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from planlib.cli_common import Debug, OneMessage, Workbook, out

app = typer.Typer()


@app.command()
def review(
    workbook: Workbook,
    cycle: Annotated[
        str, typer.Option("--cycle", "-c", help="Published period; the latest one by default.")
    ] = "",
    manager: Annotated[
        str, typer.Option(help="Rep whose team is shown; everybody by default.", metavar="ID")
    ] = "",
    audience: Annotated[
        str, typer.Option(help="Audience of plan.yaml; report.audience by default.")
    ] = "",
    port: Annotated[int, typer.Option(help="Port of the page.", min=1, max=65535)] = 8866,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Serve other machines too; read docs/review.md.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Serve a manager's view of the published plan: look, and challenge; Ctrl-C stops it."""
    from planlib.review_server import ReviewOptions, serve_review

    with OneMessage(debug):
        options = ReviewOptions(
            workbook=workbook,
            cycle=cycle,
            audience=audience,
            manager=manager,
            host=host,
            port=port,
            allow_remote=allow_remote,
        )
        serve_review(options, lambda line: out.print(escape(line)))
