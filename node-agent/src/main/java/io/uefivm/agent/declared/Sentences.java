package io.uefivm.agent.declared;

import java.util.List;

/** Lists in messages, which have to stay short enough to be read. */
final class Sentences {
    private static final int MOST = 8;

    private Sentences() {}

    static String join(List<String> parts) {
        String text = String.join("; ", parts.subList(0, Math.min(MOST, parts.size())));
        return parts.size() > MOST ? text + "; and " + (parts.size() - MOST) + " more" : text;
    }
}
