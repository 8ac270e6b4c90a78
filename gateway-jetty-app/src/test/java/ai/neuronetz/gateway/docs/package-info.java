/** What the pages say is held against the code. */
@NullMarked
package ai.neuronetz.gateway.docs;

import org.jspecify.annotations.NullMarked;
