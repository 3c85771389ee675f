package io.uefivm.operator;

/**
 * What a user can set.
 *
 * @param holdImage image of the VM pods' container; any with a POSIX shell, best the node agent's, which the nodes have
 * @param namespace where the agents' Leases and the leader's are
 * @param leaderElection several replicas may run; one works
 * @param bind address that health and metrics are served on
 * @param healthPort its port; 0 takes any
 */
public record OperatorOptions(
        String holdImage, String namespace, boolean leaderElection, String bind, int healthPort) {}
