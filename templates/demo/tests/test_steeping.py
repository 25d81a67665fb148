"""What steeping promises."""

import unittest

from conftest import POTS
from teatime.steeping import steeping_seconds


class SteepingTest(unittest.TestCase):
    def test_every_pot_has_its_time(self) -> None:
        for tea, seconds in POTS.items():
            with self.subTest(tea):
                self.assertEqual(steeping_seconds(tea), seconds)

    def test_an_unknown_tea_is_an_error(self) -> None:
        with self.assertRaises(KeyError):
            steeping_seconds("coffee")


if __name__ == "__main__":
    unittest.main()
