"""What commands show: a file for each, with a `document` for machines and a `page` for people.

Nothing is computed here. What comes of a command is put into words, tables and JSON values.
"""
