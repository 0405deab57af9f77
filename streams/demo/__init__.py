"""The demo: a real purchase log and four synthetic customers, through a real Kafka and a real Redis."""
