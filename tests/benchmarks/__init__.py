"""How fast the bot is, beside others doing the same work, and whether each is right after a kill.

`make bench` runs every benchmark of `index.BENCHMARKS`; `python -m tests.benchmarks dialog --rounds 5` one.
"""
