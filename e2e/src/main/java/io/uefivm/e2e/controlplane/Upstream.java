package io.uefivm.e2e.controlplane;

import io.fabric8.kubernetes.client.Config;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Where a proxy sends its requests, and with which credentials.
 *
 * @param caCertificate PEM; null to trust what the platform trusts
 * @param clientCertificate PEM; null without client certificate
 */
record Upstream(
        String host,
        int port,
        boolean tls,
        @Nullable Buffer caCertificate,
        @Nullable Buffer clientCertificate,
        @Nullable Buffer clientKey,
        @Nullable String token) {

    static Upstream plain(String address) {
        URI uri = URI.create(address);
        return new Upstream(uri.getHost(), uri.getPort(), false, null, null, null, null);
    }

    /** The server and the credentials of a client. */
    static Upstream of(Config config) {
        URI uri = URI.create(config.getMasterUrl());
        boolean tls = uri.getScheme().equals("https");
        int port = uri.getPort() >= 0 ? uri.getPort() : tls ? 443 : 80;
        return new Upstream(
                uri.getHost(),
                port,
                tls,
                pem(config.getCaCertData(), config.getCaCertFile()),
                pem(config.getClientCertData(), config.getClientCertFile()),
                pem(config.getClientKeyData(), config.getClientKeyFile()),
                config.getOauthToken());
    }

    private static @Nullable Buffer pem(@Nullable String data, @Nullable String file) {
        try {
            if (data != null) {
                return Buffer.buffer(Base64.getMimeDecoder().decode(data));
            }
            return file == null ? null : Buffer.buffer(Files.readAllBytes(Path.of(file)));
        } catch (IOException e) {
            throw new ControlPlaneException("cannot read " + file, e);
        }
    }

    HttpClientOptions secure(HttpClientOptions options) {
        if (!tls) {
            return options;
        }
        options.setSsl(true);
        if (caCertificate != null) {
            options.setTrustOptions(new PemTrustOptions().addCertValue(caCertificate));
        }
        if (clientCertificate != null && clientKey != null) {
            options.setKeyCertOptions(
                    new PemKeyCertOptions().addCertValue(clientCertificate).addKeyValue(clientKey));
        }
        return options;
    }

    RequestOptions options(HttpMethod method, String uri) {
        return new RequestOptions()
                .setMethod(method)
                .setHost(host)
                .setPort(port)
                .setSsl(tls)
                .setURI(uri);
    }

    void authorize(MultiMap headers) {
        if (token != null && !headers.contains(HttpHeaders.AUTHORIZATION)) {
            headers.set(HttpHeaders.AUTHORIZATION, "Bearer " + token);
        }
    }
}
