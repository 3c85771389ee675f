package io.uefivm.agent.volume;

import com.sun.jna.LastErrorException;

/** From errno to what it means to somebody who opens an entry of a claim. */
final class Errors {
    private Errors() {}

    static PathException of(LastErrorException error, String path) {
        return switch (error.getErrorCode()) {
            case Libc.ENOENT -> new PathException(PathException.Kind.MISSING, path, "does not exist");
            case Libc.EEXIST -> new PathException(PathException.Kind.EXISTS, path, "exists already");
            case Libc.ELOOP -> new PathException(PathException.Kind.UNSAFE, path, "is a symbolic link");
            case Libc.ENOTDIR -> new PathException(PathException.Kind.UNSAFE, path, "is not a directory");
            case Libc.EISDIR -> new PathException(PathException.Kind.UNSAFE, path, "is a directory");
            case Libc.EXDEV ->
                new PathException(PathException.Kind.UNSAFE, path, "leads out of its directory or file system");
            case Libc.ENOSPC -> new PathException(PathException.Kind.NO_SPACE, path, "no space left");
            case Libc.EDQUOT -> new PathException(PathException.Kind.NO_SPACE, path, "the quota is exhausted");
            case Libc.EACCES, Libc.EPERM -> new PathException(PathException.Kind.DENIED, path, "permission denied");
            case Libc.ENOTEMPTY -> new PathException(PathException.Kind.NOT_EMPTY, path, "is not empty");
            case Libc.EIO -> new PathException(PathException.Kind.FAILED, path, "input/output error of the storage");
            default -> new PathException(PathException.Kind.FAILED, path, String.valueOf(error.getMessage()));
        };
    }
}
