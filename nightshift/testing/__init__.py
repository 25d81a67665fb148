"""Test doubles that are part of the product: the fake claude, the project builder."""
