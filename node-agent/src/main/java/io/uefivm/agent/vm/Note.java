package io.uefivm.agent.vm;

import io.uefivm.api.v1alpha1.Reason;

/**
 * Something that happened and that status does not keep: an event.
 *
 * @param warning whether somebody should look at it
 */
record Note(boolean warning, Reason reason, String message) {}
