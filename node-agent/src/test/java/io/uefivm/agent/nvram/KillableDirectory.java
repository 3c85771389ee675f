package io.uefivm.agent.nvram;

import io.uefivm.agent.volume.Directory;
import io.uefivm.agent.volume.PathException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A real directory whose process is killed before a certain system call. */
final class KillableDirectory implements Directory {
    private final Directory real;
    private final AtomicInteger left;

    KillableDirectory(Directory real, AtomicInteger left) {
        this.real = real;
        this.left = left;
    }

    private Directory alive() {
        if (left.decrementAndGet() < 0) {
            throw new MemoryDisk.Killed();
        }
        return real;
    }

    @Override
    public String path() {
        return real.path();
    }

    @Override
    public List<String> names() throws PathException {
        return alive().names();
    }

    @Override
    public Optional<Entry> entry(String name) throws PathException {
        return alive().entry(name);
    }

    @Override
    public Directory open(String name) throws PathException {
        return new KillableDirectory(alive().open(name), left);
    }

    @Override
    public void make(String name) throws PathException {
        alive().make(name);
    }

    @Override
    public byte[] read(String name, int limit) throws PathException {
        return alive().read(name, limit);
    }

    @Override
    public void write(String name, byte[] content) throws PathException {
        alive().write(name, content);
    }

    @Override
    public void syncFile(String name) throws PathException {
        alive().syncFile(name);
    }

    @Override
    public void sync() throws PathException {
        alive().sync();
    }

    @Override
    public void move(String from, Directory to, String name) throws PathException {
        alive().move(from, ((KillableDirectory) to).real, name);
    }

    @Override
    public void unlink(String name) throws PathException {
        alive().unlink(name);
    }

    @Override
    public void removeDirectory(String name) throws PathException {
        alive().removeDirectory(name);
    }

    @Override
    public long usableBytes() throws PathException {
        return real.usableBytes();
    }

    @Override
    public void close() {
        real.close();
    }
}
