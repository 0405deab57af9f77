"""The topics' contracts for others: a document of all of them, and entries in a schema registry.

Both name topics as this installation's settings do. The JSON Schemas themselves are written by
`schemas.export`.
"""
