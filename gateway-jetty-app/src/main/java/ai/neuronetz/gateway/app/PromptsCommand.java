package ai.neuronetz.gateway.app;

import picocli.CommandLine.Command;

/** {@code prompts}: the parent of the commands about what was kept of prompts and answers. */
@Command(
        name = "prompts",
        description = "List, show and purge prompts and answers that were kept. All of it is audited.",
        footer = {"", "Example:", "  prompts list --tenant acme --since 24h"})
final class PromptsCommand {}
