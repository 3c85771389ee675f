package io.uefivm.agent.kubelet;

import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** gRPC over Unix sockets, which is how kubelet and its plugins talk. One thread for all of them. */
public final class UnixSockets implements AutoCloseable {
    private static final long QUIET_MILLIS = 0;
    private static final long STOP_MILLIS = 5_000;
    /** Kubelet's own limit. */
    private static final int LARGEST_MESSAGE = 16 << 20;

    private final EventLoopGroup loop = new EpollEventLoopGroup(1, new DefaultThreadFactory("kubelet", true));

    /** A channel to the server behind a socket; it connects with the first call. */
    public ManagedChannel connect(Path socket) {
        return NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .eventLoopGroup(loop)
                .channelType(EpollDomainSocketChannel.class)
                .overrideAuthority("localhost")
                .maxInboundMessageSize(LARGEST_MESSAGE)
                .usePlaintext()
                .directExecutor()
                .build();
    }

    /**
     * Serves on a socket, in place of whatever was there.
     *
     * @throws IOException when the socket cannot be made
     */
    public Server serve(Path socket, List<BindableService> services) throws IOException {
        Files.deleteIfExists(socket);
        var server = NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .bossEventLoopGroup(loop)
                .workerEventLoopGroup(loop)
                .channelType(EpollServerDomainSocketChannel.class)
                .directExecutor();
        services.forEach(server::addService);
        return server.build().start();
    }

    @Override
    public void close() {
        loop.shutdownGracefully(QUIET_MILLIS, STOP_MILLIS, TimeUnit.MILLISECONDS);
    }
}
