"""A person's proposal: a branch."""

from sagetrade_nautilus.experiments.proposers.base import Proposal, Workshop


class HumanProposer:
    """Takes what a person has committed on the experiment's source branch, as of the moment it was created."""

    def __init__(self, commit: str) -> None:
        self._commit = commit

    def propose(self, workshop: Workshop) -> Proposal:
        experiment = workshop.experiment
        return Proposal(
            title=experiment.name,
            rationale=f"A person's change, from the branch {experiment.source}: {experiment.hypothesis}",
            commit=self._commit,
        )
