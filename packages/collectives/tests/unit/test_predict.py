from hpcpy_collectives.algorithms import ALGORITHMS, Machine
from hpcpy_collectives.predict import SIZES, predict

MACHINE = Machine(alpha=1e-6, beta=1e-10, gamma=1e-10)


def test_everything_is_predicted_once_by_every_algorithm():
    found = predict(MACHINE, [2, 100_000])
    keys = [(each.collective, each.ranks, each.size) for each in found]
    assert len(set(keys)) == len(keys) == len(ALGORITHMS) * 2 * len(SIZES)
    for each in found:
        assert list(each.seconds) == list(ALGORITHMS[each.collective])
        for name, seconds in each.seconds.items():
            cost = ALGORITHMS[each.collective][name]
            assert seconds == cost(MACHINE, each.ranks, each.size) > 0


def test_short_messages_want_few_steps_and_long_ones_little_traffic():
    short, long = predict(MACHINE, [1024], sizes=[8, 1 << 26])[:2]
    assert short.cheapest == "recursive doubling"
    assert long.cheapest == "Rabenseifner"
    assert long.as_dict()["cheapest"] == "Rabenseifner"
