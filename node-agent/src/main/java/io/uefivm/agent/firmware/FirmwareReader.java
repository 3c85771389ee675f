package io.uefivm.agent.firmware;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.uefivm.api.v1alpha1.FirmwareBuild;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Finds firmware as QEMU's interop specification says (docs/interop/firmware.json) and libvirt does: of two files of one
 * name the one in the more specific directory counts, an empty one masks, and all are sorted by file name. A descriptor
 * that cannot be used is reported and the others still count.
 */
public final class FirmwareReader {
    /** From general to specific; the third one of the specification is for users' own sessions. */
    private static final List<String> DIRECTORIES = List.of("/usr/share/qemu/firmware", "/etc/qemu/firmware");

    private static final String ARCHITECTURE = "x86_64";
    /**
     * Sizes of OVMF's code and of the variables that go with it. QEMU takes any pair, and the guest then hangs or never
     * keeps a variable.
     */
    private static final Map<Long, Long> VARS_OF_CODE = Map.of(3_653_632L, 540_672L, 1_966_080L, 131_072L);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HostRoot hostRoot;
    private final Digests digests = new Digests();

    /**
     * A reader.
     *
     * @param hostRoot where the host's root is seen; the paths in results are those of the host
     */
    public FirmwareReader(Path hostRoot) {
        this.hostRoot = new HostRoot(hostRoot);
    }

    /** What is there now. Files that did not change since the last time are not read again. */
    public FirmwareCatalog read() {
        var images = new ArrayList<FirmwareImage>();
        var problems = new ArrayList<String>();
        var ignored = new ArrayList<String>();
        descriptors(problems).forEach((name, file) -> {
            try {
                if (Files.size(file) > 0) {
                    images.add(image(name, file));
                }
            } catch (Descriptor.UnsuitableException e) {
                ignored.add(name + " " + e.getMessage());
            } catch (JsonProcessingException e) {
                problems.add(name + " is no firmware descriptor: " + e.getOriginalMessage());
            } catch (NoSuchFileException e) {
                problems.add(name + " names a file that is not there: " + e.getFile());
            } catch (IllegalArgumentException e) {
                problems.add(name + " " + e.getMessage());
            } catch (IOException e) {
                problems.add(name + " cannot be read: " + e);
            }
        });
        return new FirmwareCatalog(images, problems, ignored);
    }

    /** By file name, in its order. */
    private Map<String, Path> descriptors(List<String> problems) {
        var byName = new TreeMap<String, Path>();
        for (String directory : DIRECTORIES) {
            for (String name : names(directory, problems)) {
                try {
                    Path file = hostRoot.resolve(directory + "/" + name);
                    if (Files.isRegularFile(file)) {
                        byName.put(name, file);
                    }
                } catch (IOException e) {
                    problems.add(directory + "/" + name + " cannot be read: " + e);
                }
            }
        }
        return byName;
    }

    private List<String> names(String directory, List<String> problems) {
        try (Stream<Path> files = Files.list(hostRoot.resolve(directory))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.startsWith("."))
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            problems.add(directory + " cannot be read: " + e);
            return List.of();
        }
    }

    private FirmwareImage image(String name, Path file) throws IOException, Descriptor.UnsuitableException {
        Descriptor descriptor = JSON.readValue(Files.readAllBytes(file), Descriptor.class);
        if (descriptor == null) {
            throw new IllegalArgumentException("holds nothing but null");
        }
        Descriptor.Pair pair = descriptor.pair(ARCHITECTURE);
        Path code = hostRoot.resolve(pair.code());
        Path vars = hostRoot.resolve(pair.vars());
        long codeSize = Files.size(code);
        long varsSize = Files.size(vars);
        requirePair(pair, codeSize, varsSize);
        var build = new FirmwareBuild(
                name,
                descriptor.description(),
                digests.of(code),
                codeSize,
                digests.of(vars),
                varsSize,
                descriptor.has("secure-boot"),
                descriptor.has("enrolled-keys"),
                descriptor.has("requires-smm"),
                descriptor.machines(ARCHITECTURE));
        return new FirmwareImage(pair.code(), pair.vars(), build);
    }

    /** Builds of other sizes are nobody's business here: custom ones exist. */
    private static void requirePair(Descriptor.Pair pair, long codeSize, long varsSize) {
        Long expected = VARS_OF_CODE.get(codeSize);
        if (expected != null && expected != varsSize) {
            throw new IllegalArgumentException("pairs " + pair.code() + " of " + codeSize + " bytes with " + pair.vars()
                    + " of " + varsSize + " bytes, which do not belong together");
        }
    }
}
