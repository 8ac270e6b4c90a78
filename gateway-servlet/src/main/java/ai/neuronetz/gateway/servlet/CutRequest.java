package ai.neuronetz.gateway.servlet;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;

/**
 * What another component of the host gets to see if the dispatch that cuts an answer reaches it instead of the filter,
 * which happens if the filter is not mapped for ASYNC: a request nobody can serve.
 */
final class CutRequest extends HttpServletRequestWrapper {

    static final String CUT = GatewayFilter.class.getName() + ".cut";

    CutRequest(HttpServletRequest request) {
        super(request);
    }

    @Override
    public String getMethod() {
        if (getAttribute(CUT) != null) {
            throw new IllegalStateException("The answer was cut on purpose; map the gateway's filter for ASYNC.");
        }
        return super.getMethod();
    }
}
