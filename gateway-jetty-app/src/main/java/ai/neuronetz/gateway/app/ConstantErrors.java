package ai.neuronetz.gateway.app;

import java.util.UUID;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/**
 * Answers what fails outside the filter, mostly requests that Jetty could not even read.
 *
 * <p>The status is Jetty's; code and text are constants, so that neither the request nor an exception is repeated.
 */
final class ConstantErrors extends ErrorHandler {

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        UUID requestId = UUID.randomUUID();
        HttpFields.Mutable headers = response.getHeaders();
        headers.put(HttpHeader.CONTENT_TYPE, "application/json; charset=utf-8");
        headers.put(HttpHeader.CACHE_CONTROL, "no-store");
        // What was refused may not have ended where it seemed to.
        headers.put(HttpHeader.CONNECTION, "close");
        headers.put("X-Content-Type-Options", "nosniff");
        headers.put("X-Request-ID", requestId.toString());
        Content.Sink.write(response, true, body(status, requestId), callback);
        return true;
    }

    private static String body(int status, UUID requestId) {
        String code;
        String text;
        if (status == 431) {
            code = "headers_too_large";
            text = "The request line and headers are larger than this gateway accepts.";
        } else if (status >= 500 && status != 505) {
            code = "internal_error";
            text = "The request could not be checked and was therefore denied.";
        } else {
            code = "bad_request";
            text = "This is not a request this gateway accepts.";
        }
        return "{\"error\":\"" + text + "\",\"code\":\"" + code + "\",\"request_id\":\"" + requestId + "\"}";
    }
}
