package io.uefivm.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.uefivm.agent.domain.DiskSource.FileDisk;
import io.uefivm.agent.hypervisor.PrivateLibvirt;
import io.uefivm.api.v1alpha1.Disk;
import io.uefivm.api.v1alpha1.DiskFormat;
import io.uefivm.api.v1alpha1.FirmwareLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** What the agent puts on a host before it starts a VM: empty disks and a variable store that no guest has seen. */
final class SampleFiles {
    private static final int DISK_BYTES = 1 << 20;

    private final PrivateLibvirt libvirt;

    SampleFiles(PrivateLibvirt libvirt) {
        this.libvirt = libvirt;
    }

    void create(DomainInput input) throws IOException {
        for (Disk disk : input.spec().disks()) {
            if (input.disks().get(disk.name()) instanceof FileDisk file) {
                createDisk(libvirt.path(file.path()), disk.effectiveFormat());
            }
        }
        if (input.nvramPath().isPresent()) {
            createVariables(libvirt.path(input.nvramPath().get()), input);
        }
    }

    private static void createDisk(Path image, DiskFormat format) throws IOException {
        Files.createDirectories(image.getParent());
        if (format == DiskFormat.RAW) {
            Files.write(image, new byte[DISK_BYTES]);
            return;
        }
        var qemuImg = new ProcessBuilder(List.of(
                        "qemu-img", "create", "-q", "-f", "qcow2", image.toString(), Integer.toString(DISK_BYTES)))
                .inheritIO()
                .start();
        try {
            assertThat(qemuImg.waitFor())
                    .as("qemu-img; install it with: apt-get install -y qemu-utils")
                    .isZero();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while qemu-img ran", e);
        }
    }

    private static void createVariables(Path store, DomainInput input) throws IOException {
        Files.createDirectories(store.getParent());
        Files.copy(Path.of(input.loader().varsTemplatePath()), store, StandardCopyOption.REPLACE_EXISTING);
        if (input.spec().firmware().layout() == FirmwareLayout.Combined) {
            Files.write(store, Files.readAllBytes(Path.of(input.loader().codePath())), StandardOpenOption.APPEND);
            // libvirt gives QEMU's user a file of variables, but no loader.
            Files.setPosixFilePermissions(store, PosixFilePermissions.fromString("rw-rw-rw-"));
        }
    }
}
