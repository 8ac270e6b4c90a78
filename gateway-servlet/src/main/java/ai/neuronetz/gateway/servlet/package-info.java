/**
 * One Jakarta Servlet filter that puts the gateway into a servlet container.
 *
 * <p>{@link ai.neuronetz.gateway.servlet.GatewayFilter} is all a host needs.
 */
@NullMarked
package ai.neuronetz.gateway.servlet;

import org.jspecify.annotations.NullMarked;
