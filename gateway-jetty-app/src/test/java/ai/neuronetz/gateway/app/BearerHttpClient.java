package ai.neuronetz.gateway.app;

import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.jdk.JdkHttpClientBuilder;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.http.client.sse.ServerSentEventParser;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** LangChain4j's own HTTP client with a key, for its one Ollama class that takes no headers. */
final class BearerHttpClient implements HttpClientBuilder {

    private final HttpClientBuilder builder = new JdkHttpClientBuilder();
    private final String bearer;

    BearerHttpClient(String bearer) {
        this.bearer = bearer;
    }

    @Override
    public Duration connectTimeout() {
        return builder.connectTimeout();
    }

    @Override
    public HttpClientBuilder connectTimeout(Duration timeout) {
        builder.connectTimeout(timeout);
        return this;
    }

    @Override
    public Duration readTimeout() {
        return builder.readTimeout();
    }

    @Override
    public HttpClientBuilder readTimeout(Duration timeout) {
        builder.readTimeout(timeout);
        return this;
    }

    @Override
    public HttpClient build() {
        HttpClient client = builder.build();
        return new HttpClient() {
            @Override
            public SuccessfulHttpResponse execute(HttpRequest request) {
                return client.execute(withBearer(request));
            }

            @Override
            public void execute(HttpRequest request, ServerSentEventParser parser, ServerSentEventListener listener) {
                client.execute(withBearer(request), parser, listener);
            }
        };
    }

    private HttpRequest withBearer(HttpRequest request) {
        Map<String, List<String>> headers = new HashMap<>(request.headers());
        headers.put("Authorization", List.of("Bearer " + bearer));
        return HttpRequest.builder()
                .method(request.method())
                .url(request.url())
                .headers(headers)
                .body(request.body())
                .build();
    }
}
