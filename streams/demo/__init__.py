"""The demo: a real purchase log and four synthetic customers, through real Kafka and Redis."""
