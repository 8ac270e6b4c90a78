/**
 * What each interface of the gateway promises, as tests: who implements one extends its contract and supplies the
 * implementation.
 *
 * <p>A test that needs something that not every implementation has, such as a store that can be made to hang, is skipped with
 * a message that says which method to override.
 */
@NullMarked
package ai.neuronetz.gateway.testkit.contract;

import org.jspecify.annotations.NullMarked;
