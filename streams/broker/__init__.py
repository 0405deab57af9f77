"""Kafka as this program uses it: clients, topics, records written.

Knows records and topics, never what is in them. Reading them is `streams.intake`.
"""
