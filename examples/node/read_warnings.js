// Prints warnings as they come: node read_warnings.js BOOTSTRAP GROUP TOPIC...
// npm install kafkajs
const { Kafka, logLevel } = require("kafkajs");

const [bootstrap, groupId, ...topics] = process.argv.slice(2);

async function main() {
  const kafka = new Kafka({ brokers: bootstrap.split(","), logLevel: logLevel.WARN });
  // Reads what is committed; with readUncommitted what a crash took back is seen as well.
  const consumer = kafka.consumer({ groupId });
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => {
      const warning = JSON.parse(message.value);
      console.log(warning.lifecycle, warning.rule, warning.customer_id);
    },
  });
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
