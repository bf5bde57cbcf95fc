"""Any table that an administrator could publish."""

from datetime import timedelta

from hypothesis import strategies as st

from alerts.policy import ALWAYS_BREACHES, Action, Audience, Condition, Level, Objective, Policy, Step, faults

_audiences = st.lists(st.sampled_from(Audience), max_size=3, unique=True).map(tuple)
_more_of_dispatch = st.sampled_from([Action.TELL, Action.REMIND_DESK, Action.DISPATCH])
_more_of_respond = st.sampled_from(
    [Action.TELL, Action.ASSIGN_FIRST, Action.HAND_TO_SECOND, Action.HAND_TO_LEADER, Action.BRING_IN_HELP]
)


@st.composite
def _objective(draw: st.DrawFn, objective: Objective, level: Level | None, longest: int) -> list[Step]:
    """The breach that every objective needs, and whatever else somebody thought of, before and after it."""
    dispatch = objective is Objective.DISPATCH
    breach = Step(
        objective,
        level,
        timedelta(seconds=draw(st.integers(1, longest))),
        draw(st.sampled_from(sorted(ALWAYS_BREACHES[objective]))),
        draw(_more_of_dispatch if dispatch else _more_of_respond),
        draw(_audiences),
        breach=True,
    )
    more = st.builds(
        Step,
        objective=st.just(objective),
        level=st.just(level),
        at=st.integers(0, longest).map(lambda seconds: timedelta(seconds=seconds)),
        when=st.sampled_from(Condition),
        do=_more_of_dispatch if dispatch else _more_of_respond,
        tell=_audiences,
    )
    return [breach, *draw(st.lists(more, max_size=4))]


@st.composite
def policies(draw: st.DrawFn, *, longest: int = 3600) -> Policy:
    """Return a table without faults: any steps at any time, told to anybody, each level assigned at once."""
    steps = draw(_objective(Objective.DISPATCH, None, longest))
    for level in Level:
        steps.append(
            Step(
                Objective.RESPOND,
                level,
                timedelta(0),
                draw(st.sampled_from([Condition.NOT_ACCEPTED, Condition.ALWAYS])),
                Action.ASSIGN_FIRST,
                draw(_audiences),
            )
        )
        steps += draw(_objective(Objective.RESPOND, level, longest))
    unique = {step.key: step for step in reversed(steps)}
    policy = Policy(tuple(reversed(unique.values())))
    if faults(policy.steps):  # two that differ in nothing but whether they breach
        policy = Policy(tuple({step.key: step for step in sorted(steps, key=lambda step: step.breach)}.values()))
    return policy
