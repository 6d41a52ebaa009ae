"""The queues of offices are those of the textbook."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.simulation.offices_queues import Queue

JOBS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 60)), min_size=1, max_size=40)


def lived(servers: int, jobs: list[tuple[int, int]]) -> list[int]:
    """Return when each job begins, minute by minute: the slow and obvious way."""
    arrivals: list[tuple[int, int]] = []
    now = 0
    for pause, length in jobs:
        now += pause
        arrivals.append((now, length))
    starts = []
    busy_until = [0] * servers
    for ready, length in arrivals:
        minute = ready
        while min(busy_until) > minute:
            minute += 1
        busy_until[busy_until.index(min(busy_until))] = minute + length
        starts.append(minute)
    return starts


def booked(servers: int, jobs: list[tuple[int, int]]) -> list[int]:
    queue, now, starts = Queue(servers), 0, []
    for pause, length in jobs:
        now += pause
        starts.append(queue.book(now, length))
    return starts


@given(st.integers(1, 4), JOBS)
def test_jobs_begin_when_a_naive_clock_says(servers: int, jobs: list[tuple[int, int]]) -> None:
    assert booked(servers, jobs) == lived(servers, jobs)


@given(st.integers(1, 4), JOBS)
def test_one_more_server_lets_no_job_begin_later(servers: int, jobs: list[tuple[int, int]]) -> None:
    fewer, more = booked(servers, jobs), booked(servers + 1, jobs)
    assert all(one >= other for one, other in zip(fewer, more, strict=True))


def test_a_gap_before_a_shared_appointment_is_used_once() -> None:
    queue = Queue(1)
    queue.take(0, 100, 50)
    assert queue.book(0, 120) == 150  # does not fit before the appointment
    assert queue.book(0, 60) == 0
    assert queue.book(0, 40) == 60
    assert queue.book(0, 1) == 270


def test_a_copy_is_of_its_own() -> None:
    queue = Queue(1)
    queue.take(0, 100, 50)
    twin = queue.copy()
    assert queue.book(0, 100) == 0
    assert twin.book(0, 100) == 0


def test_what_lies_outside_the_window_is_not_measured() -> None:
    queue = Queue(1, window=(100, 200))
    assert [queue.book(90, 20), queue.book(150, 100), queue.book(160, 5)] == [90, 150, 250]
    assert (queue.busy_s, queue.served, queue.waited_s) == (10 + 50, 2, 90)


def test_nobody_at_all_is_no_queue() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Queue(0)


def erlang_c(servers: int, load: float) -> float:
    """Return the probability of waiting in M/M/c (Erlang's second formula)."""
    top = load**servers / math.factorial(servers) * servers / (servers - load)
    return top / (sum(load**k / math.factorial(k) for k in range(servers)) + top)


@pytest.mark.parametrize(("servers", "utilisation"), [(1, 0.6), (3, 0.7), (8, 0.7)])
def test_mmc_waits_as_erlang_says(servers: int, utilisation: float) -> None:
    service, jobs, waited = 3600, 50_000, 0
    rate = utilisation * servers / service
    for seed in range(4):
        chance, queue, now = random.Random(seed), Queue(servers), 0.0
        for _ in range(jobs):
            now += chance.expovariate(rate)
            queue.book(round(now), round(chance.expovariate(1 / service)))
        waited += queue.waited_s
        assert queue.busy_s / (servers * now) == pytest.approx(utilisation, rel=0.03)
    expected = erlang_c(servers, utilisation * servers) * service / (servers * (1 - utilisation))
    assert waited / (4 * jobs) == pytest.approx(expected, rel=0.05)


def test_md1_waits_as_pollaczek_and_khinchine_say() -> None:
    chance, service, utilisation = random.Random(5), 3600, 0.7
    queue, now, jobs = Queue(1), 0.0, 150_000
    for _ in range(jobs):
        now += chance.expovariate(utilisation / service)
        queue.book(round(now), service)
    expected = utilisation * service / (2 * (1 - utilisation))
    assert queue.waited_s / jobs == pytest.approx(expected, rel=0.04)
