package io.uefivm.operator;

import io.uefivm.operator.vm.model.FirmwareRollout;
import java.util.Optional;

/**
 * What a user can set.
 *
 * @param holdImage image of the VM pods' container; any with a POSIX shell, best the node agent's, which the nodes have
 * @param namespace where the agents' Leases and the leader's are
 * @param leaderElection several replicas may run; one works
 * @param bind address that health and metrics are served on
 * @param healthPort its port; 0 takes any
 * @param rollout policy on who takes new firmware first; without one a VM keeps what it ran with where a host has it
 */
public record OperatorOptions(
        String holdImage,
        String namespace,
        boolean leaderElection,
        String bind,
        int healthPort,
        Optional<FirmwareRollout> rollout) {}
