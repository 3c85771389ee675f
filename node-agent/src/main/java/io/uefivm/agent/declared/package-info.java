/**
 * What a spec declares of a variable store, and how a store differs from it. Pure: the content of Secrets and ConfigMaps
 * comes in as bytes, and no value of a variable goes out but into the store.
 */
@NullMarked
package io.uefivm.agent.declared;

import org.jspecify.annotations.NullMarked;
