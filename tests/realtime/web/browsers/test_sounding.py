"""One browser sounds: the last that took it, and when it goes the one before."""

from realtime.web.browsers.sounding import Sounding


def test_the_last_that_takes_the_sound_has_it() -> None:
    sounding = Sounding()
    assert sounding.browser is None
    assert sounding.take(1)
    assert sounding.take(2)
    assert not sounding.take(2)
    assert sounding.browser == 2


def test_when_it_goes_the_one_before_has_it_again() -> None:
    sounding = Sounding()
    for browser in (1, 2, 3, 1):
        sounding.take(browser)
    assert sounding.leave(1)
    assert sounding.browser == 3
    assert not sounding.leave(2)
    assert not sounding.leave(9)
    assert sounding.leave(3)
    assert sounding.browser is None
