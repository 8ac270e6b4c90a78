/** Generated requests that should not get through, and the judges that say whether one did. */
@org.jspecify.annotations.NullMarked
package ai.neuronetz.gateway.hostile;
