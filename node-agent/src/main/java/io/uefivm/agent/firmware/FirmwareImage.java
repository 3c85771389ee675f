package io.uefivm.agent.firmware;

import io.uefivm.api.v1alpha1.FirmwareBuild;

/**
 * A firmware build on this host.
 *
 * @param codePath executable image, as the host sees it
 * @param varsTemplatePath variable template, as the host sees it
 * @param build what it is
 */
public record FirmwareImage(String codePath, String varsTemplatePath, FirmwareBuild build) {}
