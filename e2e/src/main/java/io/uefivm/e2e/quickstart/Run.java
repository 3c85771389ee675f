package io.uefivm.e2e.quickstart;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.uefivm.api.v1alpha1.DomainState;
import io.uefivm.api.v1alpha1.UefiVirtualMachine;
import io.uefivm.e2e.controlplane.ControlPlane;
import io.uefivm.e2e.lab.GuestImage;
import io.uefivm.e2e.product.KvmHost;
import io.uefivm.e2e.product.Program;
import io.uefivm.e2e.product.Site;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** One run: everything from the control plane to the guest's report. What it started is ended when it is closed. */
final class Run implements AutoCloseable {
    static final String NAMESPACE = "default";
    static final String HOST = "uefivm-quickstart";

    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration LOOK = Duration.ofMillis(250);

    private final Path project;
    private final Path work;
    private final Progress progress;
    private final Clock clock;
    /** Looked for, or built, while the rest starts. */
    private final CompletableFuture<GuestImage> image;

    private final ControlPlane controlPlane;
    private final Manifests sample;
    private @Nullable Site site;
    private @Nullable VmNews news;
    private @Nullable Traces traces;

    Run(Path project, Path work, @Nullable Path kubeconfig, Progress progress, Clock clock) {
        this.project = project;
        this.work = work;
        this.progress = progress;
        this.clock = clock;
        progress.say("guest", "looking for its image; the first time it is built from signed Debian packages");
        this.image = CompletableFuture.supplyAsync(GuestImage::get);
        this.controlPlane = kubeconfig == null ? ControlPlane.start() : ControlPlane.kubeconfig(kubeconfig);
        this.sample = new Manifests(controlPlane, NAMESPACE, project.resolve("samples/quickstart.yaml"));
    }

    /** Brings everything up and waits until the guest has reported. */
    Result start() throws IOException, InterruptedException {
        progress.say(
                "control plane",
                controlPlane.kind().label() + ", " + controlPlane.client().getMasterUrl());
        if (controlPlane.kind() == ControlPlane.Kind.KUBECONFIG) {
            new ExistingCluster(controlPlane.client(), NAMESPACE)
                    .check(sample.vmName(), sample.claimName(), clock.instant());
            traces = new Traces(controlPlane.client(), NAMESPACE, sample.vmName(), sample.claimName());
        }
        Site up = Site.start(controlPlane, project, work, controlPlane.kubeconfig());
        site = up;
        progress.say("API", "definitions installed; stand-ins for scheduler, volume binder and kubelet are at work");
        Program operator = up.startOperator();
        progress.say("operator", "starting, log " + operator.log());
        KvmHost added = up.addHost(HOST);
        progress.say(
                "host",
                HOST + " has booted, with a libvirt of its own ("
                        + added.libvirt().libvirtUri() + ")");
        progress.say("agent", "starting, log " + added.agent().log());
        progress.say("disk", sample.applyClaim());
        Path signed = built(image).signed();
        up.disk(NAMESPACE, sample.claimName(), signed);
        progress.say("disk", "claim " + sample.claimName() + " is bound and holds " + signed);
        operator.awaitReady();
        progress.say("operator", "ready");
        added.agent().awaitReady();
        progress.say("agent", "ready");
        return runVm(up, added, operator);
    }

    private Result runVm(Site up, KvmHost on, Program operator) throws IOException, InterruptedException {
        var told = new VmNews(up.client(), on, NAMESPACE, sample.vmName(), progress);
        news = told;
        double created = progress.seconds();
        progress.say("apply", sample.applyAll());
        double running = Double.NaN;
        while (progress.seconds() - created < PATIENCE.toSeconds()) {
            Optional<UefiVirtualMachine> vm = told.tell();
            if (Double.isNaN(running) && vm.filter(Run::domainRuns).isPresent()) {
                running = progress.seconds() - created;
                progress.say(
                        "domain",
                        "runs, %.1f s after the VM was created; everything before took %.1f s"
                                .formatted(running, created));
            }
            Optional<String> guest = told.guestSaysSecureBoot();
            if (vm.filter(Result::isReady).isPresent() && guest.isPresent() && !Double.isNaN(running)) {
                double reported = progress.seconds() - created;
                var result = Result.of(
                        controlPlane.kind().label(), vm.get(), guest.get(), rounded(running), rounded(reported));
                progress.print(Summary.of(vm.get(), result, controlPlane, logs(), clock.instant()));
                return result;
            }
            alive("operator", operator);
            alive("agent", on.agent());
            Thread.sleep(LOOK.toMillis());
        }
        throw new QuickstartException(
                "the VM was not Ready with its guest up within %d minutes; conditions, events and console are above"
                        .formatted(PATIENCE.toMinutes()));
    }

    /** Not join(), which no signal ends. */
    private static GuestImage built(CompletableFuture<GuestImage> image) throws InterruptedException {
        try {
            return image.get();
        } catch (ExecutionException e) {
            throw new QuickstartException("the guest's image cannot be had: " + e.getMessage());
        }
    }

    private static boolean domainRuns(UefiVirtualMachine vm) {
        return vm.getStatus() != null
                && vm.getStatus().domain() != null
                && vm.getStatus().domain().state() == DomainState.Running;
    }

    private static double rounded(double seconds) {
        return Math.round(seconds * 1000) / 1000.0;
    }

    private static void alive(String name, Program program) {
        if (ProcessHandle.of(program.pid()).filter(ProcessHandle::isAlive).isEmpty()) {
            throw new QuickstartException(name + " has ended:\n" + program.logEnd());
        }
    }

    /** Goes on telling what happens until the thread is interrupted. */
    void stay() throws InterruptedException {
        while (news != null) {
            news.tell();
            Thread.sleep(LOOK.toMillis());
        }
    }

    private List<Path> logs() {
        return List.of(
                work.resolve("operator.log"), work.resolve("agent-" + HOST + ".log"), work.resolve("quickstart.log"));
    }

    /**
     * Ends what was started and takes away what was made.
     *
     * @throws QuickstartException when something is left in a cluster that stays
     */
    @Override
    public void close() {
        try (controlPlane) {
            if (traces == null) {
                closeSite();
                progress.say("stop", "control plane");
            } else {
                leave(traces);
            }
        }
    }

    private void leave(Traces made) {
        progress.say("stop", "deleting the VM and its disk from the cluster");
        try {
            made.deleteVm();
        } catch (QuickstartException | KubernetesClientException e) {
            progress.say("stop", String.valueOf(e.getMessage()));
        }
        closeSite();
        progress.say("stop", "taking away the rest of what was made in the cluster");
        List<String> left = made.leave();
        if (!left.isEmpty()) {
            throw new QuickstartException("left in the cluster:\n  " + String.join("\n  ", left));
        }
        progress.say("stop", "the cluster is as it was, but for Events");
    }

    private void closeSite() {
        if (site != null) {
            progress.say("stop", "operator, agent, host with its guest, stand-ins");
            site.close();
        }
    }
}
