package io.uefivm.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;

/**
 * Guest memory from huge pages.
 *
 * @param pageSize {@code 2Mi} or {@code 1Gi}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Hugepages(
        @JsonPropertyDescription("Size of one huge page: 2Mi or 1Gi.") @Required @Pattern("^(2Mi|1Gi)$")
        String pageSize) {}
