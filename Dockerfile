# The gateway: built with Maven, run by a JRE as a user without a name, without a shell, on a file system that may be read-only.
FROM maven:3.9-eclipse-temurin-21 AS build
WORKDIR /src
COPY . .
RUN mvn -B -ntp -DskipTests -Dspotless.check.skip=true -pl gateway-jetty-app -am package \
 && mkdir -p /image/app /image/var/lib/neuronetz-gateway \
 && cp -r gateway-jetty-app/target/gateway-jetty-app.jar gateway-jetty-app/target/lib /image/app/

FROM eclipse-temurin:21-jre
COPY --from=build /image/app /app
# Where settlements wait while PostgreSQL is away: mount a volume that outlives the container.
COPY --from=build --chown=65532:65532 /image/var/lib/neuronetz-gateway /var/lib/neuronetz-gateway
# Metrics and health stay inside the container, unless MANAGEMENT_HOST says otherwise.
ENV LISTEN_HOST=0.0.0.0 \
    MANAGEMENT_HOST=127.0.0.1 \
    MANAGEMENT_PORT=8081 \
    LOG_FORMAT=json \
    SPOOL_DIRECTORY=/var/lib/neuronetz-gateway \
    JAVA_TOOL_OPTIONS="-XX:MaxRAMPercentage=75 -XX:+ExitOnOutOfMemoryError"
USER 65532:65532
EXPOSE 8080
VOLUME /var/lib/neuronetz-gateway
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["java", "-XX:TieredStopAtLevel=1", "-jar", "/app/gateway-jetty-app.jar", "health"]
ENTRYPOINT ["java", "-jar", "/app/gateway-jetty-app.jar"]
CMD ["serve"]
