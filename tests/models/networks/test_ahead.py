"""What comes next is made beside whoever takes it."""

from threading import Event, current_thread

import pytest

from recsys.models.networks.ahead import N_AHEAD, made_ahead


def test_all_are_made_in_their_order_by_another_thread():
    makers = set()

    def square(number):
        makers.add(current_thread().name)
        return number**2

    assert list(made_ahead(square, range(7))) == [0, 1, 4, 9, 16, 25, 36]
    assert current_thread().name not in makers
    assert len(makers) == 1
    assert list(made_ahead(square, [])) == []


def test_the_next_is_made_while_one_is_worked_on_and_no_more_than_a_few():
    asked, second_is_made = [], Event()

    def wanted():
        for number in range(100):
            asked.append(number)
            yield number

    def make(number):
        if number:
            second_is_made.set()
        return number

    made = made_ahead(make, wanted())
    assert next(made) == 0
    assert second_is_made.wait(10)
    assert len(asked) <= N_AHEAD + 1
    made.close()
    assert len(asked) <= N_AHEAD + 1


def test_what_fails_is_raised_where_it_is_taken():
    made = made_ahead(lambda number: 1 // number, [1, 0, 2])
    assert next(made) == 1
    with pytest.raises(ZeroDivisionError):
        next(made)
