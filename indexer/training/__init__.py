"""Makes the embedded model from public data: `python -m indexer.training --data DIR --out DIR`.

Reads like a table of contents: sources (raw files → texts) → vocabulary (which features get a vector) → starting
vectors → objectives (what the vectors should do) → training → export (a sentence-transformers folder).
Never imported at run time.
"""
