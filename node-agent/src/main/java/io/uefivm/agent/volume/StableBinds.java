package io.uefivm.agent.volume;

import com.sun.jna.LastErrorException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Where a VM's files are for libvirt and QEMU: paths that the agent owns and that are the same on every host, with what
 * the pod's volumes hold bound onto them. A domain's description therefore does not change when the VM moves, and QEMU
 * needs no access to kubelet's directories.
 *
 * <p>What is bound is the opened descriptor, never a path. Every call can be made again, by a restarted agent too.
 */
public final class StableBinds {
    /** libvirt's QEMU and swtpm users have to get through, and need not see what is there. */
    private static final int DIRECTORY_MODE = 0711;

    private static final int REMOVE_DEPTH = 3;
    /** For what not even QEMU's user must reach: the claim's own root may let everybody write to it. */
    private static final int PRIVATE_MODE = 0700;

    private static final int READABLE_MODE = 0644;

    /** For media, which may hold a guest's first secrets; libvirt gives them to QEMU's user. */
    private static final int SECRET_MODE = 0600;

    private static final String ROMS = "roms";

    private static final String PRIVATE = "private";
    private static final String CLAIM = "claim";
    private static final String MEDIA = "media";
    private static final String DISKS = "disks";
    private static final String DEVICE = "device";
    private static final String TPM_MARKER = "tpm-";
    private static final Pattern UID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final Pattern FILE = Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9._+]{0,253}[A-Za-z0-9])?");
    private static final Pattern DISK = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    private final Path stateDir;
    private final Path swtpmDir;

    /**
     * @param stateDir the agent's own directory, {@code /var/lib/uefivm}; libvirt sees it at the same path
     * @param swtpmDir where libvirt keeps TPM state, {@code /var/lib/libvirt/swtpm}
     */
    public StableBinds(Path stateDir, Path swtpmDir) {
        this.stateDir = stateDir;
        this.swtpmDir = swtpmDir;
    }

    /**
     * Binds the root of the claim that holds the VM's state, so that it can be committed after kubelet took its own mount
     * away, as it does with a pod that is force-deleted.
     */
    public void claim(String vmUid, SafeDir root) throws PathException {
        try (SafeDir vm = vmDirectory(vmUid);
                SafeDir hidden = vm.openOrMake(PRIVATE, PRIVATE_MODE)) {
            if (hidden.entry(CLAIM).isEmpty()) {
                hidden.make(CLAIM);
            }
        }
        try (Opened source = root.pin()) {
            bind(source, claimPath(vmUid));
        }
    }

    /** Opens the claim's root that was bound; empty when none is, as after the host was rebooted. */
    public Optional<SafeDir> claim(String vmUid) throws PathException {
        return isBound(claimPath(vmUid)) ? Optional.of(SafeDir.trusted(claimPath(vmUid))) : Optional.empty();
    }

    private Path claimPath(String vmUid) {
        return stateDir.resolve(requireUid(vmUid)).resolve(PRIVATE).resolve(CLAIM);
    }

    private static boolean isBound(Path target) {
        return !MountTable.read().within(target).isEmpty();
    }

    /** Makes the VM's own directory, where its console is logged even if it has nothing else here. */
    public void place(String vmUid) throws PathException {
        vmDirectory(vmUid).close();
    }

    /**
     * Binds a variable store.
     *
     * @return its path for libvirt
     */
    public Path nvram(String vmUid, Opened vars) throws PathException {
        return bindFile(vmUid, List.of("nvram"), "vars.fd", vars.requireFile());
    }

    /**
     * Binds a disk image or a block device.
     *
     * @param name of the disk in the VM's spec
     * @param file name of the image
     * @return its path for libvirt, {@link #image} or {@link #device}
     */
    public Path disk(String vmUid, String name, String file, Opened disk) throws PathException {
        requireDisk(name);
        return disk.kind() == Directory.EntryKind.BLOCK_DEVICE
                ? bindFile(vmUid, List.of(DISKS, name), DEVICE, disk)
                : bindFile(vmUid, List.of(DISKS, name), requireFile(file), disk.requireFile());
    }

    /** Where an image of a disk is bound. */
    public Path image(String vmUid, String name, String file) {
        return stateDir.resolve(vmUid).resolve(DISKS).resolve(name).resolve(file);
    }

    /** Where the device of a disk is bound. */
    public Path device(String vmUid, String name) {
        return image(vmUid, name, DEVICE);
    }

    /**
     * Keeps a medium that was made for the VM, in the place of one from an earlier start.
     *
     * @param name of the disk in the VM's spec
     * @return its path for libvirt
     */
    public Path medium(String vmUid, String name, byte[] image) throws PathException {
        keep(vmUid, MEDIA, requireDisk(name) + ".iso", image, SECRET_MODE);
        return medium(vmUid, name);
    }

    /** Where a medium that was made is kept. */
    public Path medium(String vmUid, String name) {
        return stateDir.resolve(vmUid).resolve(MEDIA).resolve(name + ".iso");
    }

    /**
     * Keeps a copy of the ROM of a device, in the place of one from an earlier start.
     *
     * @param name of the device in the VM's spec
     * @return its path for libvirt, which hands ROMs to QEMU without giving it the file
     */
    public Path rom(String vmUid, String name, byte[] content) throws PathException {
        String file = requireDisk(name) + ".rom";
        keep(vmUid, ROMS, file, content, READABLE_MODE);
        return stateDir.resolve(vmUid).resolve(ROMS).resolve(file);
    }

    /** Makes the file anew, in the place of one from an earlier start. */
    private void keep(String vmUid, String directory, String file, byte[] content, int mode) throws PathException {
        try (SafeDir vm = vmDirectory(vmUid);
                SafeDir kept = vm.openOrMake(directory, DIRECTORY_MODE)) {
            if (kept.entry(file).isPresent()) {
                kept.unlink(file);
            }
            kept.create(file, content, mode);
        }
    }

    /**
     * Binds a directory of TPM state onto the one that libvirt uses for a domain. Not onto the one above: libvirt could
     * not remove that, and would report this instead of what really went wrong.
     *
     * @param domain UUID of the domain
     */
    public void tpm(String vmUid, UUID domain, Opened state) throws PathException {
        state.requireDirectory();
        try (SafeDir vm = vmDirectory(vmUid)) {
            String marker = TPM_MARKER + domain;
            if (vm.entry(marker).isEmpty()) {
                vm.write(marker, new byte[0]);
            }
        }
        try (SafeDir swtpm = openOrMake(swtpmDir);
                SafeDir ofDomain = swtpm.openOrMake(domain.toString(), DIRECTORY_MODE)) {
            if (ofDomain.entry("tpm2").isEmpty()) {
                ofDomain.make("tpm2");
            }
        }
        bind(state, tpmPath(domain));
    }

    /** Unbinds and removes all that a VM has here. No error when there is nothing. */
    public void release(String vmUid) throws PathException {
        try (SafeDir all = openOrMake(stateDir)) {
            if (all.entry(requireUid(vmUid)).isEmpty()) {
                return;
            }
            unmountWithin(stateDir.resolve(vmUid));
            try (SafeDir vm = all.open(vmUid)) {
                for (String name : vm.names()) {
                    Optional<UUID> domain = domain(name);
                    if (domain.isPresent()) {
                        releaseTpm(domain.get());
                    }
                }
            }
            all.removeTree(vmUid, REMOVE_DEPTH);
        }
    }

    /** UIDs of the VMs that have something here. */
    public Set<String> list() throws PathException {
        try (SafeDir all = openOrMake(stateDir)) {
            return all.names().stream().filter(UID.asMatchPredicate()).collect(Collectors.toUnmodifiableSet());
        }
    }

    private Path tpmPath(UUID domain) {
        return swtpmDir.resolve(domain.toString()).resolve("tpm2");
    }

    private static Optional<UUID> domain(String marker) {
        String uuid = marker.startsWith(TPM_MARKER) ? marker.substring(TPM_MARKER.length()) : "";
        return UID.matcher(uuid).matches() ? Optional.of(UUID.fromString(uuid)) : Optional.empty();
    }

    private void releaseTpm(UUID domain) throws PathException {
        unmountWithin(tpmPath(domain));
        try (SafeDir swtpm = openOrMake(swtpmDir)) {
            String uuid = domain.toString();
            if (swtpm.entry(uuid).isEmpty()) {
                return;
            }
            try (SafeDir ofDomain = swtpm.open(uuid)) {
                if (ofDomain.entry("tpm2").isPresent()) {
                    ofDomain.removeDirectory("tpm2");
                }
            } catch (PathException e) {
                if (e.kind() == PathException.Kind.NOT_EMPTY) {
                    // Never bound, and something was written there: not ours to delete.
                    return;
                }
                throw e;
            }
            swtpm.removeDirectory(uuid);
        }
    }

    private Path bindFile(String vmUid, List<String> directories, String name, Opened source) throws PathException {
        Path target = stateDir.resolve(vmUid);
        try (SafeDir vm = vmDirectory(vmUid)) {
            makeTarget(vm, directories, name);
        }
        for (String directory : directories) {
            target = target.resolve(directory);
        }
        target = target.resolve(name);
        bind(source, target);
        return target;
    }

    private static void makeTarget(SafeDir in, List<String> directories, String name) throws PathException {
        if (directories.isEmpty()) {
            if (in.entry(name).isEmpty()) {
                in.write(name, new byte[0]);
            }
            return;
        }
        try (SafeDir next = in.openOrMake(directories.get(0), DIRECTORY_MODE)) {
            makeTarget(next, directories.subList(1, directories.size()), name);
        }
    }

    private SafeDir vmDirectory(String vmUid) throws PathException {
        try (SafeDir all = openOrMake(stateDir)) {
            return all.openOrMake(requireUid(vmUid), DIRECTORY_MODE);
        }
    }

    private static String requireDisk(String name) {
        if (!DISK.matcher(name).matches()) {
            throw new IllegalArgumentException("not a disk name: \"" + name + "\"");
        }
        return name;
    }

    private static String requireFile(String name) {
        if (!FILE.matcher(name).matches()) {
            throw new IllegalArgumentException("not a name of an image: \"" + name + "\"");
        }
        return name;
    }

    private static String requireUid(String vmUid) {
        if (!UID.matcher(vmUid).matches()) {
            throw new IllegalArgumentException("not a UID: \"" + vmUid + "\"");
        }
        return vmUid;
    }

    private static SafeDir openOrMake(Path directory) throws PathException {
        Path parent = directory.getParent();
        Path name = directory.getFileName();
        if (parent == null || name == null) {
            throw new IllegalArgumentException("not an absolute path of a directory: " + directory);
        }
        try (SafeDir above = SafeDir.trusted(parent)) {
            if (above.entry(name.toString()).isEmpty()) {
                above.openOrMake(name.toString(), DIRECTORY_MODE).close();
            }
        }
        // May be a mount or a link: an admin's choice.
        return SafeDir.trusted(directory);
    }

    private static void bind(Opened source, Path target) throws PathException {
        try {
            if (!MountTable.read().within(target).isEmpty()) {
                if (source.isSameAs(Libc.stat(Libc.AT_FDCWD, target.toString(), 0))) {
                    return;
                }
                unmountWithin(target);
            }
            Libc.mount(source.procPath(), target.toString(), "none", Libc.MS_BIND, null);
        } catch (LastErrorException e) {
            throw Errors.of(e, target.toString());
        }
    }

    /**
     * Takes mounts away even while something has a file open through them: what runs on keeps what it has, and nothing
     * new can open it.
     */
    private static void unmountWithin(Path path) throws PathException {
        for (Path point : MountTable.read().within(path)) {
            try {
                Libc.umount2(point.toString(), Libc.MNT_DETACH | Libc.UMOUNT_NOFOLLOW);
            } catch (LastErrorException e) {
                throw Errors.of(e, point.toString());
            }
        }
    }
}
