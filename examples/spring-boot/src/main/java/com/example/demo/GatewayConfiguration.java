package com.example.demo;

import ai.neuronetz.gateway.GatewayPipeline;
import ai.neuronetz.gateway.GatewaySettings;
import ai.neuronetz.gateway.servlet.GatewayFilter;
import jakarta.servlet.DispatcherType;
import java.time.Duration;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The gateway at {@code /llm}: {@code /llm/api/chat}, {@code /llm/v1/chat/completions} and so on. */
@Configuration
class GatewayConfiguration {

    @Bean
    FilterRegistrationBean<GatewayFilter> gateway(
            @Value("${gateway.database-url}") String databaseUrl,
            @Value("${gateway.redis-url}") String redisUrl,
            @Value("${gateway.key-pepper}") String keyPepper,
            @Value("${gateway.ollama-url:http://127.0.0.1:11434}") String ollamaUrl) {
        GatewayPipeline pipeline = GatewayPipeline.open(GatewaySettings.builder()
                .databaseUrl(databaseUrl)
                .redisUrl(redisUrl)
                .keyPepper(keyPepper)
                .ollamaUrl(ollamaUrl)
                .build());
        FilterRegistrationBean<GatewayFilter> gateway = new FilterRegistrationBean<>(GatewayFilter.builder(pipeline)
                .prefix("/llm")
                .closePipelineOnDestroy(Duration.ofSeconds(10))
                .build());
        gateway.addUrlPatterns("/llm/*");
        gateway.setDispatcherTypes(DispatcherType.REQUEST, DispatcherType.ASYNC);
        return gateway;
    }
}
