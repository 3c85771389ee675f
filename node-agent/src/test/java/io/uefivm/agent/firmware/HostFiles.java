package io.uefivm.agent.firmware;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A host's files below a directory, among them descriptors in the form in which Debian's ovmf package has them. */
public final class HostFiles {
    static final String SHARE = "/usr/share/qemu/firmware/";
    static final String ETC = "/etc/qemu/firmware/";
    static final int CODE_4M = 3_653_632;
    static final int VARS_4M = 540_672;

    private final Path root;

    public HostFiles(Path root) {
        this.root = root;
    }

    public Path root() {
        return root;
    }

    /** Debian 12's three descriptors with their images; the Microsoft one's code is a link, as there. */
    public HostFiles debian() {
        zeros("/usr/share/OVMF/OVMF_CODE_4M.fd", CODE_4M, 1);
        zeros("/usr/share/OVMF/OVMF_CODE_4M.secboot.fd", CODE_4M, 2);
        link("/usr/share/OVMF/OVMF_CODE_4M.ms.fd", "OVMF_CODE_4M.secboot.fd");
        zeros("/usr/share/OVMF/OVMF_VARS_4M.fd", VARS_4M, 3);
        zeros("/usr/share/OVMF/OVMF_VARS_4M.ms.fd", VARS_4M, 4);
        write(
                SHARE + "40-edk2-x86_64-secure-enrolled.json",
                descriptor(
                        "OVMF_CODE_4M.ms.fd",
                        "OVMF_VARS_4M.ms.fd",
                        "\"pc-q35-*\"",
                        "\"acpi-s3\", \"enrolled-keys\", \"requires-smm\", \"secure-boot\""));
        write(
                SHARE + "50-edk2-x86_64-secure.json",
                descriptor(
                        "OVMF_CODE_4M.secboot.fd",
                        "OVMF_VARS_4M.fd",
                        "\"pc-q35-*\"",
                        "\"acpi-s3\", \"requires-smm\", \"secure-boot\""));
        write(
                SHARE + "60-edk2-x86_64.json",
                descriptor("OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd", "\"pc-i440fx-*\", \"pc-q35-*\"", "\"acpi-s3\""));
        return this;
    }

    static String descriptor(String code, String vars, String machines, String features) {
        return """
            {
                "description": "UEFI firmware for x86_64, %s",
                "interface-types": [ "uefi" ],
                "mapping": {
                    "device": "flash",
                    "executable": { "filename": "/usr/share/OVMF/%s", "format": "raw" },
                    "nvram-template": { "filename": "/usr/share/OVMF/%s", "format": "raw" }
                },
                "targets": [ { "architecture": "x86_64", "machines": [ %s ] } ],
                "features": [ %s ],
                "tags": [ ]
            }
            """.formatted(code, code, vars, machines, features);
    }

    HostFiles write(String path, String content) {
        try {
            Files.writeString(at(path), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** A file of that many bytes, zeros but for the first. */
    public HostFiles zeros(String path, int size, int first) {
        byte[] bytes = new byte[size];
        bytes[0] = (byte) first;
        try {
            Files.write(at(path), bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    HostFiles link(String path, String target) {
        try {
            Files.createSymbolicLink(at(path), Path.of(target));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    public HostFiles delete(String path) {
        try {
            Files.delete(at(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    private Path at(String path) throws IOException {
        Path file = root.resolve(path.substring(1));
        Files.createDirectories(file.getParent());
        return file;
    }
}
