"""What would go live: the digests of policy, configuration and code, as approvals bind them."""

import hashlib
from pathlib import Path

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.errors import GovernanceError
from sagetrade_nautilus.governance import store
from sagetrade_nautilus.governance.approvals import Subject, reasons_against_live, reasons_against_orders
from sagetrade_nautilus.run.version import code_digest

POLICY = Path("AI_POLICY.md")


def subject(config: RunConfig, policy: Path = POLICY, proposal: str = "") -> Subject:
    """Return what an approval of this run would bind.

    Raises
    ------
    GovernanceError
        The policy cannot be read.
    """
    return Subject(policy=policy_digest(policy), config=config.digest, code=code_digest(config), proposal=proposal)


def policy_digest(policy: Path = POLICY) -> str:
    """Return the SHA-256 of the AI policy.

    Raises
    ------
    GovernanceError
        It cannot be read.
    """
    try:
        return hashlib.sha256(policy.read_bytes()).hexdigest()
    except OSError as error:
        raise GovernanceError(f"{policy}: cannot be read: {error.strerror}; run this where the policy stands") from None


def require_live(config: RunConfig, *, is_reconciled: bool, folder: Path = store.FOLDER, policy: Path = POLICY) -> None:
    """Let a live run pass, or say why it may not start.

    Raises
    ------
    GovernanceError
        A gate is not approved for this very policy, configuration and code, there is no canary plan, or our books are
        not the venue's.
    """
    against = reasons_against_live(
        store.read(folder), subject(config, policy), config.canary, is_reconciled=is_reconciled
    )
    _refuse("go live", against)


def require_trial(config: RunConfig, *, is_reconciled: bool) -> None:
    """Let a run at a broker's simulated account pass, or say why it may not start. No gate is asked: no money is there.

    Raises
    ------
    GovernanceError
        There is no canary plan, or our books are not the venue's.
    """
    _refuse("be tried at a broker", reasons_against_orders(config.canary, is_reconciled=is_reconciled))


def _refuse(what: str, against: list[str]) -> None:
    if against:
        raise GovernanceError(f"this run may not {what}:\n" + "\n".join(f"- {reason}" for reason in against))
