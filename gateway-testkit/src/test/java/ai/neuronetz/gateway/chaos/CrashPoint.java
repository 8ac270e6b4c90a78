package ai.neuronetz.gateway.chaos;

/** Where a {@link ChaosGateway} can be made to die or to stand still: on either side of each step that leaves a trace. */
enum CrashPoint {
    BEFORE_GATE_ADMIT,
    AFTER_GATE_ADMIT,
    BEFORE_GATE_SETTLE,
    AFTER_GATE_SETTLE,
    BEFORE_GATE_RELEASE,
    AFTER_GATE_RELEASE,
    BEFORE_GATE_REBUILD,
    AFTER_GATE_REBUILD,
    BEFORE_LEDGER_ADMIT,
    AFTER_LEDGER_ADMIT,
    BEFORE_LEDGER_SETTLE,
    AFTER_LEDGER_SETTLE,
    BEFORE_LEDGER_VOID,
    AFTER_LEDGER_VOID,
    BEFORE_BEGIN_EPOCH,
    AFTER_BEGIN_EPOCH,
    BEFORE_UPSTREAM_SEND,
    AFTER_UPSTREAM_SEND,
    BEFORE_ACCOUNT,
    AFTER_ACCOUNT
}
