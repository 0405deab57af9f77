"""The parameter file: read and written, in use, and replaced while running.

Here the file meets the disk and running partitions; what is in it is `scoring.parameters`.
"""
