import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Prints warnings as they come: ReadWarnings BOOTSTRAP GROUP TOPIC...; needs kafka-clients. */
public class ReadWarnings {
    public static void main(String[] args) {
        Map<String, Object> settings = Map.of(
            "bootstrap.servers", args[0],
            "group.id", args[1],
            "isolation.level", "read_committed", // or what a crash took back is seen as well
            "auto.offset.reset", "earliest");
        var text = new StringDeserializer();
        try (var consumer = new KafkaConsumer<>(settings, text, text)) {
            consumer.subscribe(Arrays.asList(args).subList(2, args.length));
            while (true) {
                for (var message : consumer.poll(Duration.ofSeconds(1))) {
                    // The JSON is message.value(); headers tell enough to filter without reading it.
                    System.out.println(
                        header(message.headers(), "ce_band") + " "
                            + header(message.headers(), "ce_rule") + " " + message.key());
                }
            }
        }
    }

    private static String header(Headers headers, String name) {
        return new String(headers.lastHeader(name).value());
    }
}
