"""What a fetch brings: plain records, so that who only reads a history needs no Faust for it."""

from aiokafka.structs import ConsumerRecord

Records = list[ConsumerRecord[bytes | None, bytes | None]]
