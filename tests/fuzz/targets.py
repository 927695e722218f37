"""The table of all targets."""

from tests.fuzz import catalogs, configs, guards, models, news, people, proposals, states, venues
from tests.fuzz.target import Target

TARGETS: dict[str, Target] = {
    **configs.TARGETS,
    **catalogs.TARGETS,
    **guards.TARGETS,
    **states.TARGETS,
    **news.TARGETS,
    **venues.TARGETS,
    **people.TARGETS,
    **models.TARGETS,
    **proposals.TARGETS,
}
