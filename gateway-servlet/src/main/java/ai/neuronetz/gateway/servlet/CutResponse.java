package ai.neuronetz.gateway.servlet;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.PrintWriter;

/** The other half of {@link CutRequest}: an answer nobody can add to once it was cut. */
final class CutResponse extends HttpServletResponseWrapper {

    private final HttpServletRequest request;

    CutResponse(HttpServletRequest request, HttpServletResponse response) {
        super(response);
        this.request = request;
    }

    @Override
    public ServletOutputStream getOutputStream() throws IOException {
        requireNotCut();
        return super.getOutputStream();
    }

    @Override
    public PrintWriter getWriter() throws IOException {
        requireNotCut();
        return super.getWriter();
    }

    private void requireNotCut() throws IOException {
        if (request.getAttribute(CutRequest.CUT) != null) {
            throw new IOException("The answer was cut on purpose; map the gateway's filter for ASYNC.");
        }
    }
}
