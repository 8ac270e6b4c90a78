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
    EPOCH_CHECK(20, 1, "redis-failover-with-loss") {
        @Override
        void scripts(Path overlay) {
            new ScriptPatch()
                    .replace("have[1] == here and have[2]", "have[1] and have[2]")
                    .lua("admit.lua", overlay);
        }
    },

    /** State that is not there is taken for zero. */
    ABSENT_MEANS_UNKNOWN(20, 1, "redis-flush", "redis-restart-empty") {
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

    /**
     * Who was declared dead is not told, and goes on to admit what is then reaped while it runs. One at a time, because only
     * those that were always heard declare others dead.
     */
    FENCE(6, 1, "gateway-freeze-long") {
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
    SETTLE_ONCE(20, 2, "postgres-answers-lost") {
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
    VOID_BEFORE_FREE(20, 2, "gateway-kill", "postgres-answers-lost") {
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

    private final int faults;
    private final int atATime;
    private final Set<String> kinds;

    Mutant(int faults, int atATime, String... kinds) {
        this.faults = faults;
        this.atATime = atATime;
        this.kinds = Set.of(kinds);
    }

    /** How many faults bring it out. */
    int faults() {
        return faults;
    }

    /** How many of them may strike at a time. */
    int atATime() {
        return atATime;
    }

    /** Their names. */
    Set<String> kinds() {
        return kinds;
    }

    /** Writes changed Lua scripts. */
    void scripts(Path overlay) {}

    /** Changes functions of the database. */
    void functions(Connection database) {}
}
