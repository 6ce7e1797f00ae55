"""XML formats: each record is cut out of the text and parsed by itself.

A file as one tree would cost its whole size in memory, and one bad character all of its records.
"""
