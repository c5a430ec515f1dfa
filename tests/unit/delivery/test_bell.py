"""Whatever records an event rings the bell, so that nobody has to look for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.unit.delivery.post import Post
from tests.unit.operations.consortium import Consortium, caller
from tests.unit.operations.installation import BOB

from hansa.drivers.fake import FakeDriver, FakeMachine
from hansa.fabric.fake import FakeFabric, FakeMaterial
from hansa.reconcile.sweep import Sweep
from hansa.store.events import last_event_number


@pytest.fixture
def consortium(post: Post) -> Consortium:
    return Consortium(post.installation)


def _last(post: Post) -> int:
    with post.installation.store.read() as session:
        return last_event_number(session)


def test_a_vote_rings(post: Post, consortium: Consortium) -> None:
    proposal = consortium.propose(Invitations=[{"Principal": BOB.account_id}])
    before, last = post.installation.wakes, _last(post)
    consortium.vote(proposal, 0)
    assert _last(post) == last + 2
    assert post.installation.wakes > before


def test_a_rejected_invitation_rings(post: Post, consortium: Consortium) -> None:
    invitation = consortium.invite(BOB.account_id)
    before, last = post.installation.wakes, _last(post)
    consortium.api.reject_invitation(caller(BOB.account_id), {"InvitationId": invitation})
    assert _last(post) == last + 1
    assert post.installation.wakes > before


def test_a_sweep_tells_that_something_expired(post: Post, consortium: Consortium) -> None:
    consortium.invite(BOB.account_id)
    clock = post.installation
    sweep = Sweep(
        clock.store, FakeDriver(FakeMachine()), FakeFabric(FakeMaterial()), lambda: clock.now
    )
    last = _last(post)
    assert not sweep._expire()
    clock.now += timedelta(days=2)
    assert sweep._expire()
    assert _last(post) == last + 1
    assert sweep.run_once()  # whereupon the reconciler rings
