package io.uefivm.e2e.quickstart;

import io.uefivm.e2e.controlplane.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import sun.misc.Signal;

/** The program behind {@code e2e/quickstart.sh}. */
@Command(
        name = "quickstart.sh",
        description = {
            "Runs a VM with Secure Boot on this machine alone: a control plane, the operator, a KVM host with its node"
                    + " agent, and samples/quickstart.yaml. Stays up until Ctrl-C, then stops everything it started.",
            "",
            "Exit codes: 0, or 130 when it was stopped before the guest had reported, or 1 when something failed or"
                    + " could not be taken away; the logs stay then.",
            "",
            "Needs root. UEFIVM_CONTROL_PLANE=embedded or kube-apiserver chooses the control plane; without it a real"
                    + " API server is used when its binaries are at hand, else a small one in the same process.",
            ""
        })
public final class Quickstart implements Callable<Integer> {
    /** As shells count: 128 and the number of SIGINT. */
    private static final int INTERRUPTED = 130;

    @Option(
            names = "--once",
            description = "End once the VM is Ready and its guest has reported, with a last line RESULT {json}.")
    private boolean once;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = {
                "Use this cluster instead of a control plane of its own. It may have an API server only: the quickstart"
                        + " adds a Node for this machine (" + Run.HOST + ") and brings its own stand-ins for"
                        + " scheduler, volume binder, kubelet and node controller, so it refuses a cluster whose"
                        + " kube-scheduler is at work (its Lease in kube-system was renewed within a minute).",
                "At the end all that was made is deleted, the CRDs and the namespace uefivm-system too if they were not"
                        + " there before and no VM is left. What cannot be deleted is named, and the exit code is 1."
            })
    private @Nullable Path kubeconfig;

    @Option(names = "--project", hidden = true, required = true)
    private Path project = Path.of("");

    @Option(names = "--help", usageHelp = true, description = "Show this.")
    private boolean help;

    private volatile boolean stopping;

    @Override
    public Integer call() throws IOException {
        Path work = Files.createTempDirectory("uefivm-quickstart");
        System.setProperty(
                "uefivm.quickstart.log", work.resolve("quickstart.log").toString());
        System.setProperty("logback.configurationFile", "io/uefivm/e2e/quickstart/logback.xml");
        System.setProperty("uefivm.crds", project.resolve("crds").toString());
        stopOnSignals(Thread.currentThread());
        var progress = new Progress(System.out);
        Result result = null;
        boolean failed = false;
        boolean ending = false;
        try (Run run = new Run(project, work, kubeconfig, progress, Clock.systemUTC())) {
            try {
                result = run.start();
                if (!once) {
                    progress.print("  Up until Ctrl-C.\n");
                    run.stay();
                }
            } catch (Exception | AssertionError e) {
                failed = failed(e);
            }
            // What ends the programs waits for them, which an interrupted thread cannot.
            stopping = true;
            ending = true;
            boolean interrupted = Thread.interrupted();
            if (interrupted) {
                progress.say("stop", "interrupted");
            }
        } catch (RuntimeException e) {
            failed |= ending ? told(e) : failed(e);
        }
        if (failed) {
            System.err.println("The logs are in " + work + "; remove it when you have read them");
            return 1;
        }
        Directories.delete(work);
        progress.say("stop", "all stopped, nothing is left in " + work);
        if (result == null) {
            return INTERRUPTED;
        }
        if (once) {
            progress.print(result.line());
        }
        return 0;
    }

    /** Says what went wrong, unless it is only the consequence of a signal. */
    private boolean failed(Throwable e) {
        return !stopping && told(e);
    }

    private static boolean told(Throwable e) {
        if (!(e instanceof QuickstartException)) {
            LoggerFactory.getLogger(Quickstart.class).error("failed", e);
        }
        System.err.println("FAILED: " + e.getMessage());
        return true;
    }

    /**
     * Not a shutdown hook: hooks run all at once, and the API server's own would take it away before the operator and
     * the agent have said good-bye to it.
     */
    private void stopOnSignals(Thread main) {
        for (String name : new String[] {"INT", "TERM", "HUP"}) {
            Signal.handle(new Signal(name), signal -> {
                if (!stopping) {
                    stopping = true;
                    main.interrupt();
                }
            });
        }
    }

    public static void main(@Nullable String[] args) {
        // What an interrupted step has started and nobody waits for, such as the build of the guest's image.
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly), "end"));
        System.exit(new CommandLine(new Quickstart()).execute(args));
    }
}
