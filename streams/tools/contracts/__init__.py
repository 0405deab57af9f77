"""The topics' contracts for others: a document of them, entries in a registry, and who may do what.

All name topics as this installation's settings do. The JSON Schemas themselves are written by
`schemas.export`.
"""
