package io.uefivm.agent.volume;

import com.sun.jna.Memory;
import java.util.Arrays;

/** Reads, writes and syncs opened files by plain system calls. Failures are JNA's LastErrorException. */
final class FileContent {
    private static final int CHUNK = 1 << 16;

    private FileContent() {}

    /** At most as many bytes as the file had when it was opened. */
    static byte[] read(Opened file) {
        int in = Libc.open(file.procPath(), Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        try {
            return readAll(in, (int) file.size());
        } finally {
            Libc.close(in);
        }
    }

    /** The first bytes of a file or device; all of a shorter one. */
    static byte[] head(Opened file, int bytes) {
        int in = Libc.open(file.procPath(), Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        try {
            return readAll(in, bytes);
        } finally {
            Libc.close(in);
        }
    }

    private static byte[] readAll(int in, int size) {
        byte[] content = new byte[size];
        byte[] chunk = new byte[Math.max(1, Math.min(size, CHUNK))];
        int length = 0;
        while (length < size) {
            int count = (int) Libc.read(in, chunk, Math.min(chunk.length, size - length));
            if (count == 0) {
                return Arrays.copyOf(content, length);
            }
            System.arraycopy(chunk, 0, content, length, count);
            length += count;
        }
        return content;
    }

    static void write(int out, byte[] content) {
        if (content.length == 0) {
            return;
        }
        try (Memory buffer = new Memory(content.length)) {
            buffer.write(0, content, 0, content.length);
            long written = 0;
            while (written < content.length) {
                written += Libc.write(out, buffer.share(written), content.length - written);
            }
        }
    }

    static void sync(Opened file) {
        int in = Libc.open(file.procPath(), Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        try {
            Libc.fsync(in);
        } finally {
            Libc.close(in);
        }
    }
}
