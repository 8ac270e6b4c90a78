package ai.neuronetz.gateway.app;

import picocli.CommandLine.Command;

/** {@code audit}: the parent of the commands that read the audit log. */
@Command(
        name = "audit",
        description = "Read the audit log.",
        footer = {"", "Example:", "  audit list --tenant acme --limit 20"})
final class AuditCommand {}
