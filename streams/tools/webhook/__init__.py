"""Warnings carried to where no Kafka is: what is sent, to whom, and how far it is.

A process of its own and a consumer like any other: nothing here knows the worker.
"""

from streams.tools.webhook.forwarding import Webhook, forward
from streams.tools.webhook.http_event import NotAnEventError, Style
from streams.tools.webhook.public_only import PrivateAddressError
from streams.tools.webhook.signing import SecretError, keys_of

__all__ = [
    "NotAnEventError",
    "PrivateAddressError",
    "SecretError",
    "Style",
    "Webhook",
    "forward",
    "keys_of",
]
