package io.uefivm.agent.nvram;

import io.uefivm.agent.volume.PathException;
import io.uefivm.api.v1alpha1.CorruptionPolicy;
import io.uefivm.api.v1alpha1.Reason;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds what an epoch begins from: the newest good generation, the one that a request makes of it, or the store of a new
 * VM. All earlier epochs are settled by then.
 */
final class Beginning {
    private final Layout layout;
    private final String vmUid;
    private final StoreCheck check;
    private final Clock clock;
    private final History history;

    Beginning(Layout layout, String vmUid, StoreCheck check, Clock clock) {
        this.layout = layout;
        this.vmUid = vmUid;
        this.check = check;
        this.clock = clock;
        this.history = new History(layout);
    }

    /**
     * What an epoch begins from.
     *
     * @param file the generation
     * @param rejected what is newer and was not used
     * @param answer what came of the request; empty when there is none
     */
    record Base(GenerationFile file, List<Rejected> rejected, Optional<Answer> answer) {
        boolean isRecovered() {
            return !rejected.isEmpty() || file.generation().basis() == Generation.Basis.Crashed;
        }
    }

    Base find(long epoch, Initial initial, Terms terms) throws PathException, NvramException {
        @Nullable GenerationFile newest = newestGood(initial).orElse(null);
        Inventory found = layout.inventory();
        List<Rejected> rejected = newest == null ? found.rejected() : newerThan(newest.generation(), found);
        Optional<NvramException> obstacle = obstacle(newest, rejected, initial, terms);
        Optional<Answer> answer = Optional.empty();
        // What is wrong with the newest state has to be decided first; only a way out decides it.
        if (terms.request().isPresent()
                && (obstacle.isEmpty()
                        || terms.request().get().isWayOutOf(obstacle.get().reason()))) {
            Request request = terms.request().get();
            answer = newest == null ? Optional.empty() : request.answerOf(newest.generation());
            if (answer.isEmpty()) {
                try {
                    Requests.Made made = new Requests(layout, check, clock).carryOut(request, epoch, newest, initial);
                    return new Base(made.file(), rejected, Optional.of(new Answer.Done(made.asked())));
                } catch (RefusedException e) {
                    answer = Optional.of(new Answer.Refused(e.why()));
                }
            }
        }
        if (newest == null || obstacle.isPresent()) {
            NvramException stop = obstacle.orElseThrow();
            throw answer.orElse(null) instanceof Answer.Refused refused ? stop.after(refused) : stop;
        }
        return new Base(newest, rejected, answer);
    }

    /** A new VM's is made; empty when there is state and none of it is good. */
    private Optional<GenerationFile> newestGood(Initial initial) throws PathException {
        Optional<GenerationFile> good = history.newestGood(layout.inventory(), check);
        Inventory found = layout.inventory();
        if (good.isEmpty() ? found.holdsState() : !isOutdated(good.get(), found, initial)) {
            return good;
        }
        GenerationFile created = created(found.nextNumber(), initial);
        history.write(created);
        return Optional.of(created);
    }

    /** No guest has changed the store that this VM would start from, and by now it would be made differently. */
    private static boolean isOutdated(GenerationFile base, Inventory found, Initial initial) {
        return base.generation().basis() == Generation.Basis.Created
                && newerThan(base.generation(), found).isEmpty()
                && !Arrays.equals(base.content().vars(), initial.vars());
    }

    private GenerationFile created(long number, Initial initial) {
        Content content = new Content(initial.vars(), Map.of());
        return new GenerationFile(
                new Generation(
                        number,
                        0,
                        content.varsSha256(),
                        content.vars().length,
                        initial.codeDigest(),
                        Settlement.now(clock),
                        Generation.Basis.Created,
                        null,
                        null,
                        null,
                        List.of()),
                content);
    }

    private static List<Rejected> newerThan(Generation generation, Inventory found) {
        return found.rejected().stream()
                .filter(r -> r.isNewerThan(generation.name()))
                .toList();
    }

    /** Why the newest good state cannot simply be begun from. */
    private Optional<NvramException> obstacle(
            @Nullable GenerationFile newest, List<Rejected> rejected, Initial initial, Terms terms) {
        if (newest == null) {
            return Optional.of(allBad(rejected));
        } else if (terms.onCorruption() == CorruptionPolicy.Refuse && !rejected.isEmpty()) {
            return Optional.of(undecided(newest.generation(), rejected));
        } else if (newest.content().vars().length != initial.vars().length) {
            return Optional.of(wrongSize(newest.generation(), initial));
        }
        return Optional.empty();
    }

    private NvramException allBad(List<Rejected> rejected) {
        return new NvramException(
                Reason.NvramUnreadable,
                "No state of this VM's NVRAM can be used: " + text(rejected) + ". All of it is kept in " + place()
                        + ". Restore the claim from a backup, or ask with spec.nvram.request for action FactoryReset,"
                        + " which begins with a new store and a new TPM.");
    }

    private NvramException undecided(Generation good, List<Rejected> rejected) {
        return new NvramException(
                Reason.NvramUnreadable,
                "The newest state of this VM's NVRAM cannot be used: " + text(rejected) + ". It is kept in " + place()
                        + ", and spec.nvram.onCorruption is Refuse. Ask with spec.nvram.request for action Restore with"
                        + " generation " + good.number() + ", the newest that is good, or for action FactoryReset.");
    }

    private static String text(List<Rejected> rejected) {
        return rejected.stream().map(r -> r.name() + " (" + r.reason() + ")").collect(Collectors.joining(", "));
    }

    private String place() {
        return Layout.ROOT + "/" + vmUid + "/rejected of the claim";
    }

    private static NvramException wrongSize(Generation generation, Initial initial) {
        return new NvramException(
                Reason.NvramWrongSize,
                "Generation " + generation.number() + " of this VM's NVRAM has " + generation.size()
                        + " bytes, and the firmware that fits first on this host (" + initial.codeDigest()
                        + ") has stores of "
                        + initial.vars().length
                        + " bytes. Ask with spec.nvram.request for action Convert, which keeps all variables, or give a"
                        + " host the build that the NVRAM was made with, " + generation.codeDigest()
                        + ": put its images on the host and its descriptor into /etc/qemu/firmware, and pin it with"
                        + " spec.firmware.image.codeDigest.");
    }
}
