package ai.neuronetz.gateway.accounting;

import ai.neuronetz.gateway.access.ModelBounds;
import ai.neuronetz.gateway.testkit.contract.AccountantContract;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

/** From another package than the contract's, as everybody's implementation is. */
class UsageAccountantContractTest extends AccountantContract {

    private final Accountant accountant = Accountant.usage(new SimpleMeterRegistry(), ModelBounds.inMemory());

    @Override
    protected Accountant accountant() {
        return accountant;
    }
}
