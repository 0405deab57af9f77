// Sends an event: node send_event.js BOOTSTRAP TOPIC CUSTOMER JSON
// npm install kafkajs
const { Kafka, Partitioners } = require("kafkajs");

const [bootstrap, topic, customer, event] = process.argv.slice(2);

async function main() {
  const kafka = new Kafka({ brokers: bootstrap.split(",") });
  // Murmur2, as Java has it. A partitioner of another kind puts customers where no state is kept.
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  await producer.send({ topic, acks: -1, messages: [{ key: customer, value: event }] });
  await producer.disconnect();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
