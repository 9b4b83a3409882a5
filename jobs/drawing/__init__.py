"""How each picture looks: a module a kind, all on one `page`. Import through `jobs.charts` only.

These modules import matplotlib, which is large: `jobs.charts` loads them for the first picture.
"""
