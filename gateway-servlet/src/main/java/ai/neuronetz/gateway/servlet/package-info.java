/**
 * One Jakarta Servlet filter over the pipeline. Written against Servlet 6.0; knows no container.
 *
 * <p>{@link ai.neuronetz.gateway.servlet.GatewayFilter} is all a host needs.
 */
@NullMarked
package ai.neuronetz.gateway.servlet;

import org.jspecify.annotations.NullMarked;
