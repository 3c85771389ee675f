package io.uefivm.agent.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uefivm.api.v1alpha1.Api;
import io.uefivm.api.v1alpha1.Reason;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What happens in a mount namespace of its own: real mounts, in the place of kubelet, an agent and QEMU. */
enum MountScenario {
    BINDS_A_VARIABLE_STORE_THAT_IS_WRITTEN_THROUGH {
        @Override
        void play(Stage stage) throws Exception {
            Path vars = stage.claimFile("uefivm/vm/epochs/1/vars.fd", "one");
            try (SafeDir claim = SafeDir.trusted(stage.claim());
                    Opened opened = claim.pin(List.of("uefivm", "vm", "epochs", "1", "vars.fd"))) {
                Path bound = stage.binds().nvram(VM, opened);

                assertThat(bound).isEqualTo(stage.stateDir().resolve(VM).resolve("nvram/vars.fd"));
                Files.writeString(bound, "two");
                assertThat(vars).hasContent("two");
                int mounts = MountTable.read().points().size();
                assertThat(stage.binds().nvram(VM, opened)).isEqualTo(bound);
                assertThat(MountTable.read().points()).hasSize(mounts);
            }
            for (Path p = stage.stateDir().resolve(VM).resolve("nvram");
                    p.startsWith(stage.stateDir());
                    p = p.getParent()) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(p)))
                        .as("libvirt-qemu gets through " + p)
                        .isEqualTo("rwx--x--x");
            }
        }
    },
    ANOTHER_EPOCH_REPLACES_THE_FILES_OF_THE_ONE_BEFORE {
        @Override
        void play(Stage stage) throws Exception {
            stage.claimFile("1/vars.fd", "one");
            stage.claimFile("2/vars.fd", "two");
            Path bound = stage.bindVars("1");
            try (RandomAccessFile qemu = new RandomAccessFile(bound.toFile(), "rw")) {
                assertThat(stage.bindVars("2")).isEqualTo(bound).hasContent("two");
                // A domain of the old epoch goes on, and only in its own file.
                qemu.writeBytes("old");
            }
            assertThat(stage.claim().resolve("1/vars.fd")).hasContent("old");
            assertThat(stage.claim().resolve("2/vars.fd")).hasContent("two");
            assertThat(MountTable.read().within(bound)).hasSize(1);
        }
    },
    A_RESTARTED_AGENT_FINDS_AND_RELEASES_EVERYTHING {
        @Override
        void play(Stage stage) throws Exception {
            UUID domain = UUID.fromString("3e0f7fd2-27fd-4f54-a2b5-0d7a7a7c7e01");
            Path image = stage.claimFile("disk.img", "image");
            stage.claimFile("1/vars.fd", "vars");
            Path tpm = Files.createDirectories(stage.claim().resolve("1/tpm"));
            stage.bindVars("1");
            try (SafeDir claim = SafeDir.trusted(stage.claim());
                    Opened disk = claim.pin("disk.img");
                    Opened state = claim.pin(List.of("1", "tpm"))) {
                stage.binds().disk(VM, "root", "disk.img", disk);
                stage.binds().tpm(VM, domain, state);
                stage.binds().tpm(VM, domain, state);
            }
            Path swtpm = stage.swtpmDir().resolve(domain.toString()).resolve("tpm2");
            Files.writeString(swtpm.resolve("tpm2-00.permall"), "state");
            assertThat(tpm.resolve("tpm2-00.permall")).hasContent("state");
            int mounts = MountTable.read().points().size();

            StableBinds restarted = stage.binds();
            assertThat(restarted.list()).containsExactly(VM);
            restarted.release(VM);

            assertThat(MountTable.read().points()).hasSize(mounts - 3);
            assertThat(restarted.list()).isEmpty();
            assertThat(stage.stateDir()).isEmptyDirectory();
            assertThat(stage.swtpmDir()).isEmptyDirectory();
            assertThat(image).hasContent("image");
            assertThat(stage.claim().resolve("1/vars.fd")).hasContent("vars");
            assertThat(tpm.resolve("tpm2-00.permall")).hasContent("state");
            restarted.release(VM);
        }
    },
    THE_CLAIM_CAN_STILL_BE_REACHED_AFTER_KUBELET_UNMOUNTED_IT {
        @Override
        void play(Stage stage) throws Exception {
            Claims claims = new Claims().with("nvram", "Filesystem");
            Path mount = Files.createDirectories(stage.podDir().resolve("volumes/kubernetes.io~nfs/pv-nvram"));
            stage.mount(stage.claim(), mount);
            assertThat(stage.binds().claim(VM)).isEmpty();
            try (SafeDir nvram = stage.volumes(claims).nvram(claims.pod())) {
                stage.binds().claim(VM, nvram);
                stage.binds().claim(VM, nvram);
            }
            stage.run("umount", mount.toString());

            try (SafeDir claim = stage.binds().claim(VM).orElseThrow()) {
                claim.write("file", new byte[1]);
            }
            assertThat(stage.claim().resolve("file")).exists();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(
                            stage.stateDir().resolve(VM).resolve("private"))))
                    .isEqualTo("rwx------");
            stage.binds().release(VM);
            assertThat(stage.claim().resolve("file")).exists();
            assertThat(stage.stateDir()).isEmptyDirectory();
        }
    },
    WHAT_A_REBOOT_LEFT_IS_RELEASED {
        @Override
        void play(Stage stage) throws Exception {
            String domain = "3e0f7fd2-27fd-4f54-a2b5-0d7a7a7c7e01";
            Path vm = Files.createDirectories(stage.stateDir().resolve(VM));
            Files.createFile(vm.resolve("tpm-" + domain));
            Files.createFile(Files.createDirectories(vm.resolve("nvram")).resolve("vars.fd"));
            Files.createDirectories(stage.swtpmDir().resolve(domain).resolve("tpm2"));

            stage.binds().release(VM);

            assertThat(stage.stateDir()).isEmptyDirectory();
            assertThat(stage.swtpmDir()).isEmptyDirectory();
        }
    },
    NOTHING_IS_REMOVED_THROUGH_A_MOUNT {
        @Override
        void play(Stage stage) throws Exception {
            Path precious = stage.claimFile("precious", "kept");
            Path target = Files.createDirectories(
                    stage.stateDir().resolve(VM).resolve("nvram").resolve("elsewhere"));
            stage.mount(stage.claim(), target);
            try (SafeDir all = SafeDir.trusted(stage.stateDir())) {
                assertThatThrownBy(() -> all.removeTree(VM, 3)).isInstanceOf(PathException.class);
            }
            assertThat(precious).hasContent("kept");
            stage.binds().release(VM);
            assertThat(precious).hasContent("kept");
            assertThat(stage.stateDir()).isEmptyDirectory();
        }
    },
    WHAT_WAS_CHECKED_IS_WHAT_IS_BOUND {
        @Override
        void play(Stage stage) throws Exception {
            Path secret = Files.writeString(stage.directory().resolve("secret"), "root's");
            stage.claimFile("1/vars.fd", "mine");
            try (SafeDir claim = SafeDir.trusted(stage.claim());
                    Opened opened = claim.pin(List.of("1", "vars.fd"))) {
                Files.move(stage.claim().resolve("1/vars.fd"), stage.claim().resolve("1/moved"));
                Files.createSymbolicLink(stage.claim().resolve("1/vars.fd"), secret);
                Path bound = stage.binds().nvram(VM, opened);
                Files.writeString(bound, "changed");
            }
            assertThat(secret).hasContent("root's");
            assertThat(stage.claim().resolve("1/moved")).hasContent("changed");
        }
    },
    FINDS_VOLUMES_WHERE_KUBELET_MOUNTS_THEM {
        @Override
        void play(Stage stage) throws Exception {
            Claims claims = new Claims().with("nvram", "Filesystem").with("disk-root", "Filesystem");
            stage.claimFile("disk.img", "image");
            Path csi = Files.createDirectories(stage.podDir().resolve("volumes/kubernetes.io~csi/pv-nvram/mount"));
            Path nfs = Files.createDirectories(stage.podDir().resolve("volumes/kubernetes.io~nfs/pv-disk-root"));
            assertFails(
                    Reason.ClaimNotFound,
                    "has not mounted claim claim-nvram",
                    () -> stage.volumes(claims).nvram(claims.pod()));
            stage.mount(stage.claim(), csi);
            stage.mount(stage.claim(), nfs);

            try (SafeDir nvram = stage.volumes(claims).nvram(claims.pod());
                    Opened disk = stage.volumes(claims).disk(claims.pod(), Claims.ROOT)) {
                nvram.write("file", new byte[1]);
                assertThat(stage.claim().resolve("file")).exists();
                assertThat(stage.binds().disk(VM, "root", "disk.img", disk)).hasContent("image");
            }
        }
    },
    REFUSES_WHAT_IS_PLANTED_IN_A_CLAIM {
        @Override
        void play(Stage stage) throws Exception {
            Claims claims = new Claims().with("disk-root", "Filesystem").with("nvram", "Block");
            Path mount = Files.createDirectories(stage.podDir().resolve("volumes/kubernetes.io~nfs/pv-disk-root"));
            stage.mount(stage.claim(), mount);
            ThrowingCallable open = () -> stage.volumes(claims).disk(claims.pod(), Claims.ROOT);
            Path image = stage.claim().resolve("disk.img");

            assertFails(Reason.DiskNotFound, "has no file disk.img", open);
            Files.createSymbolicLink(image, Path.of("/dev/vda"));
            assertFails(Reason.ClaimUnsafe, "disk.img: is a symbolic link", open);
            Files.delete(image);
            stage.run("mkfifo", image.toString());
            assertFails(Reason.ClaimUnsafe, "disk.img: is not a regular file", open);
            Files.delete(image);
            stage.run("mknod", image.toString(), "b", "7", "0");
            assertFails(Reason.ClaimUnsafe, "disk.img: is not a regular file", open);
            Files.delete(image);
            Files.createDirectory(image);
            assertFails(Reason.ClaimUnsafe, "disk.img: is not a regular file", open);
            Files.delete(image);
            Files.createLink(image, stage.claimFile("other", "x"));
            assertFails(Reason.ClaimUnsafe, "has 2 names", open);
            assertFails(
                    Reason.NvramUnreadable,
                    "volumeMode Block",
                    () -> stage.volumes(claims).nvram(claims.pod()));
        }
    },
    A_HOST_PATH_VOLUME_IS_USED_WHERE_THE_HOST_HAS_IT {
        @Override
        void play(Stage stage) throws Exception {
            Claims claims = new Claims().withHostPath("nvram", "/srv/linked");
            Path host = stage.directory().resolve("host");
            Files.createDirectories(host.resolve("data/claim"));
            Files.createDirectories(host.resolve("srv"));
            Files.createSymbolicLink(host.resolve("srv/linked"), Path.of("/data/claim"));
            PodVolumes volumes = new PodVolumes(host, stage.kubeletDir(), claims);
            try (SafeDir nvram = volumes.nvram(claims.pod())) {
                nvram.write("file", new byte[1]);
            }
            assertThat(host.resolve("data/claim/file")).exists();
        }
    },
    BINDS_A_BLOCK_DEVICE {
        @Override
        void play(Stage stage) throws Exception {
            Claims claims = new Claims().with("disk-root", "Block");
            Path devices = Files.createDirectories(stage.podDir().resolve("volumeDevices/kubernetes.io~csi"));
            // Any node will do: it is bound and looked at, never opened.
            Path node = stage.directory().resolve("node");
            stage.run("mknod", node.toString(), "b", "7", "0");
            Files.createSymbolicLink(devices.resolve("pv-disk-root"), node);
            try (Opened disk = stage.volumes(claims).disk(claims.pod(), Claims.ROOT)) {
                Path bound = stage.binds().disk(VM, "root", "disk.img", disk);
                assertThat(bound).hasFileName("device");
                assertThat(Files.getAttribute(bound, "unix:rdev")).isEqualTo(Files.getAttribute(node, "unix:rdev"));
            }
            stage.binds().release(VM);
            assertThat(node).exists();
            Files.delete(node);
            Files.createFile(node);
            assertFails(
                    Reason.ClaimUnsafe,
                    "is not a block device",
                    () -> stage.volumes(claims).disk(claims.pod(), Claims.ROOT));
        }
    },
    TELLS_THE_POD_THAT_THE_DOMAIN_IS_GONE {
        @Override
        void play(Stage stage) throws Exception {
            Claims claims = new Claims();
            PodVolumes volumes = stage.volumes(claims);
            assertThatThrownBy(() -> volumes.markEnded(Claims.POD_UID)).isInstanceOf(PathException.class);
            Path hold = Files.createDirectories(
                    stage.podDir().resolve("volumes/kubernetes.io~empty-dir").resolve(Api.VOLUME_HOLD));
            volumes.markEnded(Claims.POD_UID);
            volumes.markEnded(Claims.POD_UID);
            assertThat(hold.resolve(Api.HOLD_ENDED_FILE)).isEmptyFile();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(hold.resolve(Api.HOLD_ENDED_FILE))))
                    .isEqualTo("rw-r--r--");
            Path victim = stage.directory().resolve("victim");
            Files.delete(hold.resolve(Api.HOLD_ENDED_FILE));
            Files.createSymbolicLink(hold.resolve(Api.HOLD_ENDED_FILE), victim);
            volumes.markEnded(Claims.POD_UID);
            assertThat(victim).doesNotExist();
        }
    };

    static final String VM = "0b5c1d8e-7f0a-4c5e-9a55-3f2d1c0b9a87";

    abstract void play(Stage stage) throws Exception;

    /** Runs one scenario: the directory to work in, and its name. */
    public static void main(String[] arguments) throws Exception {
        valueOf(arguments[1]).play(Stage.in(Path.of(arguments[0])));
    }

    private static void assertFails(Reason reason, String message, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        VolumeException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessageContaining(message);
    }

    /** A host with nothing on it but a claim. */
    record Stage(Path directory) {
        static Stage in(Path directory) throws IOException {
            Stage stage = new Stage(directory.toRealPath());
            for (Path made : List.of(stage.claim(), stage.kubeletDir(), stage.podDir())) {
                Files.createDirectories(made);
            }
            return stage;
        }

        Path claim() {
            return directory.resolve("claim");
        }

        Path stateDir() {
            return directory.resolve("state");
        }

        Path swtpmDir() {
            return directory.resolve("swtpm");
        }

        Path kubeletDir() {
            return directory.resolve("kubelet");
        }

        Path podDir() {
            return kubeletDir().resolve("pods").resolve(Claims.POD_UID);
        }

        StableBinds binds() {
            return new StableBinds(stateDir(), swtpmDir());
        }

        PodVolumes volumes(Claims claims) {
            return new PodVolumes(Path.of("/"), kubeletDir(), claims);
        }

        Path bindVars(String epoch) throws PathException {
            try (SafeDir claim = SafeDir.trusted(claim());
                    Opened opened = claim.pin(List.of(epoch, "vars.fd"))) {
                return binds().nvram(VM, opened);
            }
        }

        Path claimFile(String name, String content) throws IOException {
            Path file = claim().resolve(name);
            Files.createDirectories(file.getParent());
            return Files.writeString(file, content);
        }

        void mount(Path from, Path onto) throws IOException, InterruptedException {
            run("mount", "--bind", from.toString(), onto.toString());
        }

        void run(String... command) throws IOException, InterruptedException {
            assertThat(new ProcessBuilder(command).inheritIO().start().waitFor())
                    .as(Stream.of(command).toList().toString())
                    .isZero();
        }
    }
}
