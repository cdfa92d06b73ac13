"""What searches may know of time."""

from __future__ import annotations

from planlib.deadline import deadline, has_time


def test_another_round_is_begun_only_where_the_longest_one_still_fits():
    """Rounds took 1 and 3 seconds: with 4 left there is another, with 2 left there is none."""
    clock = iter([10.0, 9.0, 6.0, 4.0, 2.0])
    go_on = has_time(lambda: next(clock), lambda: False)
    assert [go_on() for _ in range(4)] == [True, True, True, False]


def test_without_a_limit_rounds_go_on_until_they_are_halted():
    """No limit never ends a search; a halt ends it at once."""
    halted = []
    go_on = has_time(deadline(None), lambda: bool(halted))
    assert [go_on(), go_on()] == [True, True]
    halted.append(True)
    assert not go_on()
