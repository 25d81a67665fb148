"""Programs, repositories and checkouts: the only room that touches them."""
