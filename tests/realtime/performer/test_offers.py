"""What a hand-over would give, in each phase and with each request that can be left from before."""

from dataclasses import replace

import pytest

from realtime.performer.actions import NOT_ASKED, Request
from realtime.performer.offers import Offer, offer_in
from realtime.performer.phases import Phase
from realtime.performer.state import State

ASKED = Request(ticket=1, turn=1, attempt=0, call=(), gap_at_least_s=0.7, starts_after=1.0, length_s=2.0)
KEPT, AGAIN = replace(ASKED, attempt=NOT_ASKED), replace(ASKED, ticket=3, attempt=2)


@pytest.mark.parametrize(
    ("request_before", "offer"),
    [(None, Offer.NO_CALL), (KEPT, Offer.ANSWER), (ASKED, Offer.ANOTHER), (AGAIN, Offer.ANOTHER)],
)
def test_while_waiting_it_is_the_last_phrase_that_counts(
    request_before: Request | None, offer: Offer
) -> None:
    assert offer_in(State(phase=Phase.WAITING, request=request_before)) is offer


@pytest.mark.parametrize("request_before", [None, KEPT, ASKED])
@pytest.mark.parametrize(
    ("phase", "offer"),
    [
        (Phase.CALLING, Offer.ANSWER),
        (Phase.ASKING, Offer.ASKED),
        (Phase.ANSWERING, Offer.ANSWERING),
        (Phase.CLOSED, Offer.CLOSED),
    ],
)
def test_in_every_other_phase_the_phase_alone_counts(
    phase: Phase, offer: Offer, request_before: Request | None
) -> None:
    assert offer_in(State(phase=phase, request=request_before)) is offer


def test_only_an_answer_can_be_taken_up() -> None:
    assert [offer for offer in Offer if offer.is_open] == [Offer.ANSWER, Offer.ANOTHER]
