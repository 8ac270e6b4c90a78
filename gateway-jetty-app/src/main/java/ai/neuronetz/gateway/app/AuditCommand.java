package ai.neuronetz.gateway.app;

import picocli.CommandLine.Command;

/** {@code audit}: the parent of the commands that read the audit log. */
@Command(
        name = "audit",
        description = "Read the audit log, take it away, and see that nobody changed it.",
        footer = {"", "Examples:", "  audit list --tenant acme --limit 20", "  audit verify"})
final class AuditCommand {}
