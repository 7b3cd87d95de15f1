from adapters.breaker import Breaker


def test_it_opens_after_failures_in_a_row_and_lets_one_try():
    now = [0.0]
    breaker = Breaker(failures=2, seconds=10, clock=lambda: now[0])
    breaker.record(False)
    breaker.record(True)
    breaker.record(False)
    assert breaker.allows()
    breaker.record(False)
    assert not breaker.allows()
    now[0] = 10
    assert breaker.allows()
    assert not breaker.allows()
    breaker.record(False)
    now[0] = 19
    assert not breaker.allows()
    now[0] = 20
    assert breaker.allows()
    breaker.record(True)
    assert breaker.allows()
    assert breaker.allows()
