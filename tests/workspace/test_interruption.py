"""A signal becomes a request that any wait can watch."""

import os
import select
import signal
from collections.abc import Iterator

import pytest

from nightshift.workspace.interruption import Interruption


def is_readable(interruption: Interruption) -> bool:
    return bool(select.select([interruption], [], [], 0)[0])


@pytest.fixture
def _handlers_are_as_before() -> Iterator[None]:
    names = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(name) for name in names]
    yield
    assert [signal.getsignal(name) for name in names] == before
    assert signal.set_wakeup_fd(-1) == -1


def test_nothing_is_requested_at_first() -> None:
    interruption = Interruption()

    assert (interruption.requested, is_readable(interruption)) == (None, False)


def test_a_request_stays_and_the_first_one_counts() -> None:
    interruption = Interruption()

    interruption.request(signal.SIGTERM)
    interruption.request(signal.SIGINT)

    assert (interruption.requested, interruption.requested) == (signal.SIGTERM, signal.SIGTERM)
    assert is_readable(interruption)


@pytest.mark.usefixtures("_handlers_are_as_before")
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.row("promise 8")
def test_a_signal_is_a_request_and_a_second_one_raises_nothing(signum: signal.Signals) -> None:
    with Interruption().installed() as interruption:
        os.kill(os.getpid(), signum)
        os.kill(os.getpid(), signum)
        os.kill(os.getpid(), signal.SIGINT)

        assert (interruption.requested, is_readable(interruption)) == (signum, True)

    assert interruption.requested == signum


@pytest.mark.usefixtures("_handlers_are_as_before")
def test_a_signal_wakes_a_wait() -> None:
    with Interruption().installed() as interruption:
        signal.setitimer(signal.ITIMER_REAL, 0)
        os.kill(os.getpid(), signal.SIGTERM)

        assert select.select([interruption], [], [], 5)[0] == [interruption]


@pytest.mark.usefixtures("_handlers_are_as_before")
def test_what_only_the_wakeup_told_is_a_request_too() -> None:
    interruption = Interruption()

    os.write(interruption._writer, bytes([signal.SIGUSR1, signal.SIGTERM, signal.SIGINT]))

    assert (interruption.requested, is_readable(interruption)) == (signal.SIGTERM, True)


@pytest.mark.usefixtures("_handlers_are_as_before")
def test_another_signal_means_nothing_and_is_forgotten() -> None:
    before = signal.signal(signal.SIGUSR1, lambda *_: None)
    try:
        with Interruption().installed() as interruption:
            os.kill(os.getpid(), signal.SIGUSR1)
            assert (interruption.requested, is_readable(interruption)) == (None, False)
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_what_is_ignored_stays_ignored_as_under_nohup() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interruption().installed() as interruption:
            os.kill(os.getpid(), signal.SIGHUP)
            assert interruption.requested is None
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("_handlers_are_as_before")
def test_a_thousand_signals_do_not_block() -> None:
    with Interruption().installed() as interruption:
        for _ in range(1000):
            os.kill(os.getpid(), signal.SIGTERM)
        os.write(interruption._writer, b"x" * 60_000)
        interruption.request(signal.SIGINT)

        assert interruption.requested == signal.SIGTERM


def test_a_full_pipe_does_not_hold_a_request() -> None:
    interruption = Interruption()
    while select.select([], [interruption._writer], [], 0)[1]:
        os.write(interruption._writer, b"x" * 4096)

    interruption.request(signal.SIGTERM)

    assert (interruption.requested, is_readable(interruption)) == (signal.SIGTERM, True)
