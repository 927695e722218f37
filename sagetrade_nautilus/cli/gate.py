"""`sagetool gate`: what people have approved, and an approval of one's own."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from msgspec import UNSET
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sagetrade_nautilus.cli.plain import plain
from sagetrade_nautilus.config import load
from sagetrade_nautilus.errors import GovernanceError
from sagetrade_nautilus.governance import store
from sagetrade_nautilus.governance.approvals import (
    MEANING,
    PARTS,
    Approval,
    Gate,
    Subject,
    missing,
    reasons_against_live,
)
from sagetrade_nautilus.governance.signatures import sign, verify
from sagetrade_nautilus.run.startup.approval import policy_digest, subject

WORD = "approve"

app = typer.Typer(no_args_is_help=True, help="Open the gates that only people open: A (policy), B (live), C (a merge).")

ConfigArgument = Annotated[Path, typer.Argument(help="The run's TOML file, for example configs/live-alpaca.toml.")]
FolderOption = Annotated[Path, typer.Option("--approvals", help="Where approvals and `allowed_signers` are kept.")]


@app.command()
def status(config: ConfigArgument, approvals: FolderOption = store.FOLDER) -> None:
    """Show who has approved what, what of it holds for this very policy, configuration and code, and what is missing.

    Example: sagetool gate status configs/live-alpaca.toml
    """
    settings, console = load(config), Console()
    wanted, judged = subject(settings), store.read(approvals)
    table = Table("gate", "by", "at (UTC)", "holds", box=None)
    for one in judged:
        why_not = one.why_not(wanted) if one.approval.gate is not Gate.C else one.fault
        row = (one.approval.gate.value, one.approval.person, one.approval.at, why_not or "yes")
        table.add_row(*(escape(plain(text)) for text in row))
    if judged:
        console.print(table)
    against = reasons_against_live(judged, wanted, settings.canary, is_reconciled=True)
    for reason in against:
        console.print(f"• {reason}", highlight=False, soft_wrap=True, markup=False)
    if not against:
        console.print("Gates A and B are open for this run. It still has to be reconciled when it starts.")


@app.command()
def approve(
    gate: Annotated[Gate, typer.Argument(help="A: the policy. B: this run, live. C: one proposal.")],
    config: Annotated[Path | None, typer.Argument(help="The run's TOML file, for B; left out for A and C.")] = None,
    key: Annotated[Path, typer.Option(help="Your private SSH key, or the public one of a key in your agent.")] = Path(
        "~/.ssh/id_ed25519"
    ),
    person: Annotated[
        str, typer.Option("--as", help="You, as `allowed_signers` names you; nothing is approved if left out.")
    ] = "",
    proposal: Annotated[
        str, typer.Option(help="The commit that is to be merged, for C; left out for A and B.", metavar="<commit>")
    ] = "",
    approvals: FolderOption = store.FOLDER,
) -> None:
    """Approve a gate. It is signed with your SSH key, and binds you, the time and what is approved.

    It asks at the terminal; no script answers for you. Commit the file that it writes.

    Example: sagetool gate approve B configs/live-alpaca.toml --as anna@desk
    """
    print(f"written: {sign_off(gate, lambda: _wanted(gate, config, proposal), person, key, approvals)}")
    lacking = missing(gate, store.read(approvals), _wanted(gate, config, proposal))
    print(lacking or f"gate {gate} is open for this")


def sign_off(gate: Gate, wanted: Callable[[], Subject], person: str, key: Path, approvals: Path) -> Path:
    """Show a person at a terminal what is approved, have it signed, and return the file that says so.

    Raises
    ------
    GovernanceError
        Nobody is named, there is no terminal, the word was not typed, or the signature is not good.
    """
    if not person:
        raise GovernanceError(f"who approves? Give --as, as {approvals / store.SIGNERS} names you")
    if not sys.stdin.isatty():
        raise GovernanceError("an approval is asked for at a terminal: a person reads what is approved, and says so")
    subject_ = wanted()
    print(f"Gate {gate}: {MEANING[gate]}")
    for name in PARTS[gate]:
        if getattr(subject_, name) is not UNSET:
            print(f"  {name:9} {getattr(subject_, name)}")
    answer = typer.prompt(f"You are {person}. Type '{WORD}' to approve exactly this, anything else to leave")
    if answer.strip() != WORD:
        raise GovernanceError(f"nothing was approved: '{WORD}' was not typed")
    unsigned = Approval(gate, person, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), subject_)
    approval = msgspec.structs.replace(unsigned, signature=sign(unsigned.message, key.expanduser()))
    wrong = verify(approval.message, approval.signature, person, approvals / store.SIGNERS).fault
    if wrong:
        raise GovernanceError(f"nothing was approved: {wrong}; is this key {person}'s in {approvals / store.SIGNERS}?")
    return store.write(approval, approvals)


def _wanted(gate: Gate, config: Path | None, proposal: str) -> Subject:
    if gate is Gate.B:
        if config is None:
            raise GovernanceError("gate B is for one run: name its TOML file")
        return subject(load(config)).part(gate)
    if gate is Gate.C and not proposal:
        raise GovernanceError("gate C is for one proposal: give --proposal, the commit that is to be merged")
    return Subject(policy=policy_digest(), proposal=proposal).part(gate)
