package io.uefivm.e2e.controlplane;

import io.fabric8.kubernetes.client.Config;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.net.NetSocket;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A reverse proxy on a loopback port, plain HTTP, in front of an API server. Requests, chunked watches and WebSockets pass
 * unchanged but for the proxy's own credentials, which are added when the client brings none.
 */
final class ApiProxy implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ApiProxy.class);
    /** One connection for each watch, and some for requests. */
    private static final int CONNECTIONS = 1000;

    private static final int LARGEST_MESSAGE = 16 << 20;
    private static final Set<String> HOP_BY_HOP =
            Set.of("host", "connection", "keep-alive", "expect", "te", "trailer", "transfer-encoding", "upgrade");

    private final Vertx vertx = Vertx.vertx();
    private final Upstream upstream;
    private final boolean bridgeWatches;
    private final Consumer<ApiWrite> observer;
    private final HttpClient client;
    private final WebSocketClient webSockets;
    private final HttpServer server;

    private ApiProxy(Upstream upstream, boolean bridgeWatches, Consumer<ApiWrite> observer) {
        this.upstream = upstream;
        this.bridgeWatches = bridgeWatches;
        this.observer = observer;
        this.client = vertx.createHttpClient(upstream.secure(
                new HttpClientOptions().setMaxPoolSize(CONNECTIONS).setDecompressionSupported(false)));
        this.webSockets = vertx.createWebSocketClient(new WebSocketClientOptions()
                .setMaxConnections(CONNECTIONS)
                .setMaxMessageSize(LARGEST_MESSAGE)
                .setMaxFrameSize(LARGEST_MESSAGE));
        this.server = vertx.createHttpServer(new HttpServerOptions()
                .setHost("127.0.0.1")
                .setPort(0)
                .setHandle100ContinueAutomatically(true)
                .setMaxInitialLineLength(16 << 10)
                .setMaxHeaderSize(64 << 10));
        server.requestHandler(this::handle);
        await(server.listen());
    }

    /** Tells the observer of every write. */
    static ApiProxy observing(Config upstream, Consumer<ApiWrite> observer) {
        return new ApiProxy(Upstream.of(upstream), false, observer);
    }

    /** For a plain HTTP server that knows only WebSocket watches: chunked ones are made of them. */
    static ApiProxy bridgingWatches(String address) {
        return new ApiProxy(Upstream.plain(address), true, write -> {});
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.actualPort());
    }

    private void handle(HttpServerRequest request) {
        request.pause();
        if (request.headers().contains(HttpHeaders.UPGRADE, "websocket", true)) {
            tunnel(request);
        } else if (bridgeWatches && request.method().equals(HttpMethod.GET) && isWatch(request)) {
            bridge(request);
        } else {
            forward(request);
        }
    }

    private static boolean isWatch(HttpServerRequest request) {
        String watch = request.getParam("watch");
        return "true".equals(watch) || "1".equals(watch);
    }

    private void forward(HttpServerRequest request) {
        client.request(upstream.options(request.method(), request.uri()))
                .compose(onward -> {
                    onward.exceptionHandler(e -> LOG.debug("{} ended", request.uri(), e));
                    copy(request.headers(), onward.headers(), false);
                    upstream.authorize(onward.headers());
                    request.response().closeHandler(gone -> onward.reset());
                    request.response().exceptionHandler(gone -> onward.reset());
                    boolean chunked = request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
                    onward.setChunked(chunked);
                    Future<HttpClientResponse> answer = onward.response();
                    // The answer may come, and end, before the body is all sent.
                    request.pipeTo(onward).onFailure(e -> LOG.debug("{} not sent", request.uri(), e));
                    return answer;
                })
                .compose(answer -> pass(request, answer))
                .onFailure(e -> fail(request, e));
    }

    private Future<Void> pass(HttpServerRequest request, HttpClientResponse answer) {
        HttpServerResponse response = request.response();
        response.setStatusCode(answer.statusCode());
        copy(answer.headers(), response.headers(), false);
        response.setChunked(!answer.headers().contains(HttpHeaders.CONTENT_LENGTH));
        observe(request, answer.statusCode());
        return answer.pipeTo(response);
    }

    /** Before the client sees the answer, so that whoever waits for the answer finds it counted. */
    private void observe(HttpServerRequest request, int code) {
        ApiWrites.of(
                        request.method().name(),
                        request.uri(),
                        request.getHeader(HttpHeaders.CONTENT_TYPE),
                        request.getHeader(HttpHeaders.USER_AGENT),
                        code)
                .ifPresent(observer);
    }

    private static void fail(HttpServerRequest request, Throwable e) {
        LOG.debug("{} {} failed", request.method(), request.uri(), e);
        HttpServerResponse response = request.response();
        if (response.closed() || response.ended()) {
            return;
        }
        if (response.headWritten()) {
            response.reset();
        } else {
            response.setStatusCode(502).end("the API server does not answer: " + e.getMessage());
        }
    }

    private void tunnel(HttpServerRequest request) {
        client.request(upstream.options(HttpMethod.GET, request.uri()))
                .compose(onward -> {
                    onward.exceptionHandler(e -> LOG.debug("{} ended", request.uri(), e));
                    copy(request.headers(), onward.headers(), true);
                    upstream.authorize(onward.headers());
                    return onward.connect();
                })
                .compose(answer -> answer.statusCode() == 101 ? join(request, answer) : pass(request, answer))
                .onFailure(e -> fail(request, e));
    }

    private static Future<Void> join(HttpServerRequest request, HttpClientResponse answer) {
        NetSocket there = answer.netSocket();
        there.pause();
        request.response().setStatusCode(101);
        copy(answer.headers(), request.response().headers(), true);
        return request.toNetSocket().compose(here -> {
            here.pipeTo(there).onComplete(done -> there.close());
            return there.pipeTo(here).onComplete(done -> here.close());
        });
    }

    private void bridge(HttpServerRequest request) {
        WebSocketConnectOptions options = new WebSocketConnectOptions()
                .setHost(upstream.host())
                .setPort(upstream.port())
                .setURI(request.uri());
        copy(request.headers(), options.getHeaders() == null ? emptyHeaders(options) : options.getHeaders(), false);
        HttpServerResponse response = request.response();
        webSockets
                .connect(options)
                .onSuccess(socket -> {
                    response.setChunked(true).putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
                    // The head must go out at once: clients wait for it before they trust the watch.
                    response.writeHead();
                    socket.textMessageHandler(event -> response.write(event + "\n"));
                    socket.closeHandler(end -> {
                        if (!response.ended() && !response.closed()) {
                            response.end();
                        }
                    });
                    response.closeHandler(gone -> socket.close());
                    timeout(request).ifPresent(seconds -> vertx.setTimer(seconds * 1000, late -> socket.close()));
                })
                .onFailure(e -> {
                    if (e instanceof UpgradeRejectedException refused && refused.getStatus() >= 400) {
                        response.setStatusCode(refused.getStatus())
                                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
                        response.end(refused.getBody());
                    } else {
                        fail(request, e);
                    }
                });
    }

    private static Optional<Long> timeout(HttpServerRequest request) {
        return Optional.ofNullable(request.getParam("timeoutSeconds"))
                .map(Long::parseLong)
                .filter(seconds -> seconds > 0);
    }

    private static MultiMap emptyHeaders(WebSocketConnectOptions options) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        options.setHeaders(headers);
        return headers;
    }

    private static void copy(MultiMap from, MultiMap to, boolean upgrade) {
        from.forEach(header -> {
            String name = header.getKey().toLowerCase(java.util.Locale.ROOT);
            if (!HOP_BY_HOP.contains(name) || (upgrade && (name.equals("connection") || name.equals("upgrade")))) {
                to.add(header.getKey(), header.getValue());
            }
        });
    }

    private static <T> @Nullable T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(1, TimeUnit.MINUTES);
        } catch (ExecutionException | TimeoutException e) {
            throw new ControlPlaneException("the proxy cannot listen on 127.0.0.1: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ControlPlaneException("interrupted", e);
        }
    }

    @Override
    public void close() {
        await(vertx.close());
    }
}
