package io.uefivm.agent.nvram;

import io.uefivm.agent.volume.PathException;
import io.uefivm.api.v1alpha1.NvramAction;
import io.uefivm.api.v1alpha1.NvramRequest;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes the generation that a request asks for, once per token. No request takes the VM's TPM away: without another TPM
 * state to go with, the newest good one stays.
 */
final class Requests {
    /** So many tokens are remembered: one that comes back with an old revision in Git is not carried out again. */
    private static final int MOST_REMEMBERED = 16;

    private final Layout layout;
    private final StoreCheck check;
    private final Clock clock;

    Requests(Layout layout, StoreCheck check, Clock clock) {
        this.layout = layout;
        this.check = check;
        this.clock = clock;
    }

    /** @param file the generation that was made */
    record Made(Asked asked, GenerationFile file) {}

    /**
     * Carries it out.
     *
     * @param epoch the one that begins
     * @param base the newest good state; null when there is none, which only a way out can do without
     * @throws RefusedException when it cannot be; nothing is changed then
     */
    Made carryOut(Request request, long epoch, @Nullable GenerationFile base, Initial initial)
            throws PathException, RefusedException {
        NvramRequest asked = request.asked();
        Optional<Long> source = Optional.ofNullable(asked.generation());
        Content content = asked.action() == NvramAction.Restore
                ? restored(source.orElseThrow(), base, initial)
                : changed(request, base, initial);
        Inventory found = layout.inventory();
        long number = found.nextNumber();
        Asked done = new Asked(asked.token(), asked.action(), number, source.orElse(null), Settlement.now(clock));
        // The epoch before: newer than all that is there, and no trace of the one that only begins.
        Generation generation = new Generation(
                number,
                epoch - 1,
                content.varsSha256(),
                content.vars().length,
                initial.codeDigest(),
                done.at(),
                Generation.Basis.Requested,
                source.orElseGet(() -> base == null ? null : base.generation().number()),
                content.tpmSha256().orElse(null),
                null,
                remembering(done, base));
        GenerationFile file = new GenerationFile(generation, content);
        new History(layout).write(file);
        return new Made(done, file);
    }

    private static List<Asked> remembering(Asked asked, @Nullable GenerationFile base) {
        List<Asked> all = new ArrayList<>();
        all.add(asked);
        if (base != null) {
            all.addAll(base.generation().asked());
        }
        return all.subList(0, Math.min(all.size(), MOST_REMEMBERED));
    }

    private Content changed(Request request, @Nullable GenerationFile base, Initial initial) throws RefusedException {
        NvramAction action = request.asked().action();
        if (base == null || action == NvramAction.FactoryReset) {
            return new Content(initial.vars(), tpm(base));
        }
        byte[] current = base.content().vars();
        return base.content()
                .withVars(
                        action == NvramAction.EnrollKeys
                                ? request.transfer().apply(current, initial.vars())
                                : request.transfer().apply(initial.vars(), current));
    }

    private Content restored(long number, @Nullable GenerationFile base, Initial initial)
            throws PathException, RefusedException {
        GenerationName name = layout.inventory().generations().stream()
                .filter(g -> g.number() == number)
                .max(Comparator.naturalOrder())
                .orElseThrow(
                        () -> new RefusedException(
                                "Generation " + number
                                        + " is not kept any more, or never was; status.nvram.history lists those that can be restored"));
        try {
            Content content =
                    Checked.of(new History(layout).read(name).content(), check).content();
            if (content.vars().length != initial.vars().length) {
                throw new RefusedException("Generation " + number + " has " + content.vars().length
                        + " bytes, and the VM's firmware needs " + initial.vars().length
                        + "; restore a generation that was made with this firmware");
            }
            return content.tpm().isEmpty() ? new Content(content.vars(), tpm(base)) : content;
        } catch (CorruptException e) {
            throw new RefusedException("Generation " + number + " is damaged: " + e.defect()
                    + "; restore another one of status.nvram.history");
        }
    }

    private static SortedMap<String, byte[]> tpm(@Nullable GenerationFile base) {
        return base == null
                ? new Content(new byte[0], Map.of()).tpm()
                : base.content().tpm();
    }
}
