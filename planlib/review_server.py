"""
Serve the manager's view in a browser: one page, on loopback unless told otherwise, with a token.

Voila renders the page in a kernel for each visitor. Visitors reach its widgets and nothing else:
the server hands on messages of widgets alone, serves no file of the workbook, and answers 403 to
whoever does not show the token or the cookie that the token was traded for.
"""

from __future__ import annotations

import ipaddress
import json
import logging
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from planlib.errors import ParameterError, WorkbookError
from planlib.review_view import ENV_REVIEW, PublishedPlan
from planlib.widgets import ENV_INTERACTIVE

#: The page and its template, part of the package.
PAGES = Path(__file__).resolve().parent / "review_page"
PAGE = "review.ipynb"
PORT = 8866

_IDLE = 3_600  # seconds after which the kernel of a page that nobody uses is stopped
_EXTENSIONS = ["@voila-dashboards/widgets-manager8", "@jupyter-widgets/jupyterlab-manager"]
_REMOTE = (
    "warning: other machines reach this page, and nothing is encrypted; whoever knows the address "
    "sees the plan. Put a proxy with TLS before it, or use an SSH tunnel."
)
_REFUSED = "403: this address needs its token. Copy the whole address from the terminal.\n"
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)


@dataclass(frozen=True, kw_only=True)
class ReviewOptions:
    """
    What is served, where.

    Parameters
    ----------
    workbook, cycle, audience, manager
        As for ``PublishedPlan``; manager blank: everybody.
    host, port
        Address that is listened on.
    allow_remote
        Whether another host than this machine may be served.
    """

    workbook: str
    cycle: str = ""
    audience: str = ""
    manager: str = ""
    host: str = "127.0.0.1"
    port: int = PORT
    allow_remote: bool = False


def is_loopback(host: str) -> bool:
    """Tell whether an address is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def serve_review(options: ReviewOptions, say: Callable[[str], None]) -> None:
    """
    Serve until the process is interrupted or told to end.

    Parameters
    ----------
    options
        What is served, where.
    say
        Hears the lines for the person; the address with its token is one of them.

    Raises
    ------
    ParameterError
        If the host is not this machine and that was not allowed, the port is taken, or there is
        no such manager or audience.
    WorkbookError
        If nothing is published, or voila is not installed.
    """
    problems = _problems(options)
    if problems:
        raise ParameterError("review", problems)
    plan = PublishedPlan(options.workbook, options.cycle, options.audience)
    tables = plan.tables(options.manager)
    if find_spec("voila") is None:
        raise WorkbookError(
            "planlib review needs voila, which is not installed; run: pip install 'planlib[review]'"
        )
    os.environ[ENV_REVIEW] = json.dumps({
        "workbook": str(plan.root), "cycle": options.cycle, "audience": options.audience,
        "manager": options.manager,
    })  # fmt: skip
    os.environ[ENV_INTERACTIVE] = "1"
    token = secrets.token_urlsafe(32)
    for line in plan.about():
        say(line)
    whose = f"{options.manager} {tables.person_name}" if options.manager else "everybody"
    say(f"Shown: {whose}, {len(tables.team):,} people, {len(tables.accounts):,} accounts.")
    if not is_loopback(options.host):
        say(_REMOTE)
    with tempfile.TemporaryDirectory(prefix="planlib-review-") as folder:
        server = _server(options, token, folder)
        shown = f"[{options.host}]" if ":" in options.host else options.host
        say(f"Open http://{shown}:{options.port}/?token={token}")
        say("The token is part of the address. Ctrl-C stops the server; nothing else is left.")
        server.start()
    say("stopped")


def _problems(options: ReviewOptions) -> list[str]:
    found = []
    if not is_loopback(options.host) and not options.allow_remote:
        found.append(
            f"host '{options.host[:60]}' is not this machine alone; leave it at 127.0.0.1, or "
            "give --allow-remote to serve other machines too"
        )
        return found
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((options.host, options.port))
        except OSError as error:
            found.append(
                f"port {options.port} of '{options.host[:60]}' cannot be used "
                f"({error.strerror or error}); give another one with --port"
            )
    return found


def _server(options: ReviewOptions, token: str, folder: str) -> Any:
    """Set voila up; no file of the user's settings changes what is safe about it."""
    from traitlets.config import Config

    config = Config({
        "VoilaConfiguration": {
            "template": "lab", "theme": "light", "allow_template_override": "NO",
            "allow_theme_override": "NO", "strip_sources": True, "show_tracebacks": False,
            "file_allowlist": [], "extension_allowlist": _EXTENSIONS,
        },
        "MappingKernelManager": {"cull_idle_timeout": _IDLE, "cull_interval": 300},
        "KernelManager": {"transport_encryption": "auto"},
        "IdentityProvider": {"cookie_options": {"samesite": "Strict", "httponly": True}},
    })  # fmt: skip
    server = import_module("voila.app").Voila(
        config=config,
        notebook_path=shutil.copy(PAGES / PAGE, folder),
        root_dir=folder,
        connection_dir_root=folder,
        ip=options.host,
        port=options.port,
        port_retries=0,
        open_browser=False,
        token=token,
        identity_provider_class=_doorkeeper(),
        config_file_paths=[],
        log_level=logging.ERROR,
        tornado_settings={"ws_ping_timeout": 30_000, "headers": {
            "Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }},
    )  # fmt: skip
    logging.getLogger("tornado.access").setLevel(logging.CRITICAL)  # its lines hold the token
    server.initialize([])
    server.template_paths.insert(0, str(PAGES / "voila"))
    return server


def _doorkeeper() -> type:
    """Give the class that lets nobody in without the token; it has no page to log in."""
    ended = import_module("tornado.web").Finish
    base: type = import_module("voila.voila_identity_provider").VoilaIdentityProvider

    async def get_user(self: Any, handler: Any) -> Any:
        found = base.get_user(self, handler)  # type: ignore[attr-defined]
        user = await found if hasattr(found, "__await__") else found
        if user is None:
            handler.current_user = None
            handler.set_status(403)
            handler.set_header("Content-Type", "text/plain; charset=utf-8")
            raise ended(_REFUSED)
        return user

    def get_handlers(self: Any) -> list[Any]:
        return []

    members = {"get_user": get_user, "get_handlers": get_handlers}
    return type("Doorkeeper", (base,), members)
