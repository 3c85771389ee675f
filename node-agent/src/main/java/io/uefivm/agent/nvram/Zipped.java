package io.uefivm.agent.nvram;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** The first format of generations, a zip archive. It is read for ever and not written any more. */
final class Zipped {
    private Zipped() {}

    static boolean is(byte[] file) {
        return file.length >= 4 && file[0] == 'P' && file[1] == 'K' && file[2] == 3 && file[3] == 4;
    }

    /** Unpacks what anybody may have written: bounded by {@link GenerationFile#limit}. */
    static Map<String, byte[]> decode(byte[] archive) throws CorruptException {
        Map<String, byte[]> files = new TreeMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                int limit = GenerationFile.limit(entry.getName(), files);
                byte[] content = zip.readNBytes(limit + 1);
                if (content.length > limit) {
                    throw new CorruptException(entry.getName() + " is larger than anything real");
                }
                files.put(entry.getName(), content);
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new CorruptException("the archive is damaged: " + e.getMessage());
        }
        return files;
    }
}
