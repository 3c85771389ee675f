package io.uefivm.agent.vm;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** An API server that answers reads as a test says, accepts what is created, and remembers both. */
final class StubApiServer implements AutoCloseable {
    private static final String NOT_FOUND = "{\"kind\": \"Status\", \"code\": 404, \"reason\": \"NotFound\"}";

    /** Path and query of each read. */
    final List<String> reads = new CopyOnWriteArrayList<>();
    /** Body of each write. */
    final List<String> writes = new CopyOnWriteArrayList<>();

    final KubernetesClient client;
    private final Function<String, Optional<String>> answers;
    private final HttpServer server;

    /**
     * Serves on loopback.
     *
     * @param answers JSON by path and query; empty is Not Found
     */
    StubApiServer(Function<String, Optional<String>> answers) throws IOException {
        this.answers = answers;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(Config.empty())
                        .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                        .build())
                .build();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String request = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        if (exchange.getRequestMethod().equals("GET")) {
            String uri = exchange.getRequestURI().toString();
            reads.add(uri);
            Optional<String> found = answers.apply(uri);
            reply(exchange, found.isPresent() ? 200 : 404, found.orElse(NOT_FOUND));
        } else {
            writes.add(request);
            reply(exchange, 201, request);
        }
    }

    private static void reply(HttpExchange exchange, int code, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(code, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        client.close();
        server.stop(0);
    }
}
