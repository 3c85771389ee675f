package io.uefivm.e2e.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How much is measured.
 *
 * @param root the project's root directory
 * @param work a short path for logs, storage and hosts; removed afterwards
 * @param runs how often what can be repeated is repeated
 * @param idle how long nothing is done to count what is written meanwhile
 * @param vms how many VMs at once, one measurement of the control plane for each
 */
record Settings(Path root, Path work, int runs, Duration idle, List<Integer> vms) {}
