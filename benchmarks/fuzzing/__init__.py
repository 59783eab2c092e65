"""Files that are spoilt on purpose, and what they are given to; `benchmarks/fuzz_uploads.py` runs it."""
