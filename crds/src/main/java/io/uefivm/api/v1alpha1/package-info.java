/**
 * The API of uefivm, group {@code uefivm.io}, version {@code v1alpha1}, as immutable records.
 *
 * <p>The CustomResourceDefinitions in {@code crds/} are generated from these types: what a description, a bound or a
 * rule says here is what {@code kubectl explain} shows and what the API server enforces. Defaults of {@code spec}
 * stand twice, as the schema's default and in the record's constructor, because a status-only patch, an older object
 * and a test do not pass through the schema; a test keeps the two equal.
 */
@NullMarked
package io.uefivm.api.v1alpha1;

import org.jspecify.annotations.NullMarked;
