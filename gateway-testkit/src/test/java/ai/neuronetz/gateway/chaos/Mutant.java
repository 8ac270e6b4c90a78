package ai.neuronetz.gateway.chaos;

import java.nio.file.Path;
import java.sql.Connection;
import java.util.Set;

/**
 * The product with one guard taken out of its scripts: a harness that finds nothing wrong with it would not find anything.
 * Each comes with the faults that the guard is there for.
 */
enum Mutant {
    /** What a promoted replica remembers is believed, though writes are missing from it. */
    EPOCH_CHECK(Set.of("redis-failover-with-loss")) {
        @Override
        void scripts(Path overlay) {
            new ScriptPatch()
                    .replace("have[1] == here and have[2]", "have[1] and have[2]")
                    .lua("admit.lua", overlay);
        }
    },

    /** State that is not there is taken for zero. */
    ABSENT_MEANS_UNKNOWN(Set.of("redis-flush", "redis-restart-empty")) {
        @Override
        void scripts(Path overlay) {
            new ScriptPatch()
                    .replace("if not known then\n  return {'UNKNOWN', here}\nend", """
                    if not known and not have[2] then
                      redis.call('DEL', state, open)
                      redis.call('HSET', state, 'identity', here, 'epoch', '0', 'last', '0', 'n', '0', 'o:T', '0', 'q:T', '', 't:T', '')
                      have = {here, '0', '0', '0', '0', '', '', false, false, false, false}
                    elseif not known then
                      return {'UNKNOWN', here}
                    end""")
                    .lua("admit.lua", overlay);
        }
    },

    /** Who was declared dead is not told, and goes on to admit what is then reaped while it runs. */
    FENCE(Set.of("gateway-freeze-long")) {
        @Override
        void functions(Connection database) {
            new ScriptPatch()
                    .replace("\n        WHERE g.state = 'live';", ";")
                    .replace("RETURN FOUND;", "RETURN true;")
                    .sql("heartbeat", database);
            new ScriptPatch()
                    .replace(
                            "IF NOT EXISTS (SELECT 1 FROM gateway_instance g"
                                    + " WHERE g.instance_id = item.instance AND g.state = 'live') THEN",
                            "IF false THEN")
                    .sql("admit", database);
        }
    },

    /** A settlement that is said twice is charged twice. */
    SETTLE_ONCE(Set.of("postgres-answers-lost")) {
        @Override
        void functions(Connection database) {
            new ScriptPatch()
                    .replace("RETURNING * INTO held;\n        IF NOT FOUND THEN", """
                    RETURNING * INTO held;
                            IF NOT FOUND THEN
                                UPDATE budget_account b SET overrun = b.overrun + s.charged FROM settlement s
                                 WHERE s.request_id = item.rid AND b.account IN ('t:' || s.tenant_id, 'k:' || s.key_id);""")
                    .sql("settle", database);
        }
    },

    /** The gate gives back places without the ledger having made sure that their requests never run. */
    VOID_BEFORE_FREE(Set.of("gateway-kill", "postgres-answers-lost")) {
        @Override
        void functions(Connection database) {
            new ScriptPatch()
                    .replace("FROM unnest(p_rids) r ORDER BY r", "FROM unnest(p_rids) r WHERE false")
                    .replace(
                            "WHEN f.fate = 'void' THEN 'VOID' WHEN s.request_id IS NULL THEN 'OPEN'",
                            "WHEN s.request_id IS NULL THEN 'VOID'")
                    .sql("resolve", database);
        }
    };

    private final Set<String> faults;

    Mutant(Set<String> faults) {
        this.faults = faults;
    }

    /** Names of the faults that bring it out. */
    Set<String> faults() {
        return faults;
    }

    /** Writes changed Lua scripts. */
    void scripts(Path overlay) {}

    /** Changes functions of the database. */
    void functions(Connection database) {}
}
