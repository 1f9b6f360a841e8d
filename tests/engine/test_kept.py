"""Results that are remembered."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from engine.kept import Kept


def test_a_result_is_made_once_and_the_oldest_forgotten() -> None:
    made: list[int] = []
    kept: Kept[int] = Kept(2)

    def result(number: int) -> int:
        def make() -> int:
            made.append(number)
            return -number

        return kept.get(number, make)

    assert [result(number) for number in (1, 2, 1, 3, 1, 2)] == [-1, -2, -1, -3, -1, -2]
    assert made == [1, 2, 3, 2], "2 was asked for least recently"


def test_many_threads_make_one() -> None:
    made: list[int] = []
    kept: Kept[int] = Kept(4)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: kept.get("key", lambda: made.append(1) or len(made)), range(50)))
    assert (set(results), made) == ({1}, [1])


def test_an_error_is_not_remembered() -> None:
    kept: Kept[int] = Kept(4)
    for answer in (ValueError("no"), 7):

        def make(answer: int | ValueError = answer) -> int:
            if isinstance(answer, ValueError):
                raise answer
            return answer

        try:
            assert kept.get("key", make) == 7
        except ValueError:
            assert isinstance(answer, ValueError)
