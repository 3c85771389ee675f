package io.uefivm.operator.vm.plan;

import io.uefivm.api.v1alpha1.Reason;

/** The API server refused to create something that a start needs, for example because of a quota. */
public record Rejection(Reason reason, String message) {}
