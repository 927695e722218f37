from sagetrade_nautilus.telling import is_told


def test_of_faults_that_repeat_ever_fewer_are_told() -> None:
    assert [count for count in range(1, 70) if is_told(count)] == [1, 2, 4, 8, 16, 32, 64]
