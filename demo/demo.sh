#!/usr/bin/env bash
# A whole gateway on this machine, in one command: a real PostgreSQL, a real Redis, a mock Ollama and the gateway itself.
# Needs a JDK (17 or newer) and Maven (3.8 or newer), or Docker with Compose. Everything it makes is in .demo/, or in containers, and gone
# again after --down.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
state=$root/.demo
jar=$root/gateway-jetty-app/target/gateway-jetty-app.jar
classpath_file=$root/gateway-jetty-app/target/demo-classpath.txt
model=llama3:8b

usage() {
  cat <<TEXT
Usage: demo/demo.sh [--docker] [--smoke | --down | --help]

  (nothing)  start the demo, or show it again if it runs
  --docker   the same in containers: demo/docker-compose.demo.yml
  --smoke    start it, fetch the playground, run the five calls it prints, and check what they answer
  --down     stop it and remove everything it made

Environment:
  DEMO_PORT  the gateway's port; a free one by default, with --docker 8080
TEXT
}

say() { printf '%s\n' "$*" >&2; }
die() {
  say "demo: $*"
  exit 1
}

# --- processes -------------------------------------------------------------------------------------------------------

# When a process started: with its id it names one process for good, while an id alone may be another's tomorrow.
started_at() {
  if [ -r "/proc/$1/stat" ]; then
    sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20
  else
    ps -o lstart= -p "$1" 2>/dev/null
  fi
}

# Whether the process that NAME's pid file tells of still runs.
runs() {
  local pid start
  [ -f "$state/$1.pid" ] || return 1
  { read -r pid && read -r start; } <"$state/$1.pid" || return 1
  [ -n "$start" ] && [ "$(started_at "$pid")" = "$start" ]
}

# Starts a Java program in the background: NAME, then java's arguments. Settings come from the file NAME.env.
launch() {
  local name=$1 pid
  shift
  # With job control on, or the shell would have it and all its children ignore SIGINT and SIGQUIT.
  set -m
  clean_env "$state/$name.env" nohup "$java" "$@" >"$state/$name.out" 2>"$state/$name.log" </dev/null &
  pid=$!
  set +m
  printf '%s\n%s\n' "$pid" "$(started_at "$pid")" >"$state/$name.pid"
}

# Runs a command with the settings in a file and nothing else of ours, so that what the user has set stays out of it.
clean_env() {
  local file=$1 settings=() line
  shift
  if [ -f "$file" ]; then
    while IFS= read -r line; do settings+=("$line"); done <"$file"
  fi
  exec env -i PATH="$PATH" HOME="${HOME:-/}" LANG=C.UTF-8 "${settings[@]+"${settings[@]}"}" "$@"
}

# Ends the process of NAME, if it is still ours.
halt() {
  local name=$1 pid tries
  if runs "$name"; then
    read -r pid <"$state/$name.pid"
    kill -TERM "$pid" 2>/dev/null || true
    for ((tries = 0; tries < 300; tries++)); do
      runs "$name" || break
      sleep 0.1
    done
    if runs "$name"; then
      kill -KILL "$pid" 2>/dev/null || true
    fi
  fi
  rm -f "$state/$name.pid"
}

# Ends servers that a killed store process left behind: those that run out of our own directory.
halt_orphans() {
  local proc program
  for proc in /proc/[0-9]*; do
    program=$(tr '\0' '\n' 2>/dev/null <"$proc/cmdline" | head -n 1) || continue
    case $program in
      "$state"/*) kill -KILL "${proc#/proc/}" 2>/dev/null || true ;;
    esac
  done
}

down() {
  [ -d "$state" ] || return 0
  if [ -f "$state/docker" ]; then
    down_docker
    return
  fi
  halt gateway
  halt mock
  halt stores
  if [ -d /proc/self ]; then
    halt_orphans
  fi
  rm -rf "$state"
}

# --- starting --------------------------------------------------------------------------------------------------------

find_java() {
  java=java
  if [ -n "${JAVA_HOME:-}" ] && [ -x "$JAVA_HOME/bin/java" ]; then
    java=$JAVA_HOME/bin/java
  fi
  command -v "$java" >/dev/null || die "there is no java; install a JDK (17 or newer)"
}

build() {
  if [ -f "$jar" ] && [ -f "$classpath_file" ] && classpath_complete \
    && [ -z "$(find "$root"/pom.xml "$root"/gateway-*/pom.xml "$root"/gateway-*/src/main "$root"/playground -newer "$classpath_file" -print | head -n 1)" ]; then
    return 0
  fi
  command -v mvn >/dev/null || die "there is no mvn; install Maven (3.8 or newer)"
  say "building (a few minutes the first time) ..."
  (cd "$root" && mvn -B -ntp -q -DskipTests -Dspotless.check.skip package -pl gateway-jetty-app -am >&2) || die "the build failed; see above"
}

classpath_complete() {
  local entry entries
  IFS=: read -r -a entries <"$classpath_file" || true
  for entry in "${entries[@]}"; do
    [ -e "$entry" ] || return 1
  done
}

random_hex() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

# Waits until the command succeeds; fails at once if NAME's process has ended.
await() {
  local name=$1 seconds=$2 end
  shift 2
  end=$((SECONDS + seconds))
  until "$@"; do
    runs "$name" || return 1
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.1
  done
}

failed() {
  local name=$1
  say "demo: the $name did not start; its last lines were:"
  tail -n 15 "$state/$name.out" "$state/$name.log" >&2 || true
  exit 1
}

# The URL that a program of ours printed when it was ready.
listening() { sed -n 's/.*listen[a-z]* on \(http[^ ]*\).*/\1/p' "$state/$1.out" | head -n 1; }
is_listening() { [ -n "$(listening "$1")" ]; }

# GET /healthz without curl, which the demo itself does not need. In a process of its own, since writing to what was closed ends it.
healthy() (
  port=${1##*:}
  { exec 3<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null || exit 1
  printf 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3 2>/dev/null || exit 1
  IFS= read -r -t 5 status <&3 2>/dev/null || exit 1
  case $status in *" 200 "*) exit 0 ;; *) exit 1 ;; esac
)

cli() {
  if [ -f "$state/docker" ]; then
    compose run --rm -T cli "$@" </dev/null
    return
  fi
  (clean_env "$state/cli.env" "$java" "${small[@]}" -jar "$jar" "$@")
}

create_key() {
  say "creating a tenant and a key ..."
  cli create-tenant --tenant demo --name "Demo" >&2
  cli set-models --tenant demo --allow-all >&2
  cli create-key --tenant demo --name demo --json | sed -n 's/.*"key" *: *"\(nng_[^"]*\)".*/\1/p' >"$state/key"
  [ -s "$state/key" ] || die "the key was not created"
}

start() {
  local database_url redis_url rest pepper app_password cli_password
  small=(-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1
    "-Dlogback.configurationFile=$root/gateway-jetty-app/src/main/resources/logback.xml")
  umask 077
  mkdir -p "$state/tmp"
  trap down EXIT
  trap 'exit 130' INT TERM

  say "starting PostgreSQL and Redis ..."
  launch stores "${small[@]}" -Djava.io.tmpdir="$state/tmp" -cp "$(cat "$classpath_file")" \
    ai.neuronetz.gateway.testkit.DemoStores "$state/stores"
  await stores 120 test -f "$state/stores" || failed stores
  database_url=$(sed -n 's/^DATABASE_URL=//p' "$state/stores")
  redis_url=$(sed -n 's/^REDIS_URL=//p' "$state/stores")

  say "creating the schema ..."
  app_password=$(random_hex)
  cli_password=$(random_hex)
  printf '%s\n' "DATABASE_URL=$database_url" "GATEWAY_APP_PASSWORD=$app_password" \
    "GATEWAY_CLI_PASSWORD=$cli_password" >"$state/cli.env"
  cli migrate >&2

  say "starting the mock Ollama ..."
  launch mock "${small[@]}" -cp "$(cat "$classpath_file")" ai.neuronetz.gateway.testkit.MockOllamaMain \
    --port 0 --pace-ms 40 --models "$model,nomic-embed-text:latest"
  await mock 60 is_listening mock || failed mock

  say "starting the gateway ..."
  rest=${database_url#*@}
  pepper=$(cli generate-pepper)
  printf '%s\n' "DATABASE_URL=postgresql://gateway_app:$app_password@$rest" "REDIS_URL=$redis_url" \
    "OLLAMA_URL=$(listening mock)" "KEY_PEPPER=$pepper" "LISTEN_PORT=${DEMO_PORT:-0}" "MANAGEMENT_PORT=0" \
    "PLAYGROUND_ENABLED=true" "SHUTDOWN_GRACE=2s" >"$state/gateway.env"
  launch gateway -Xmx512m -jar "$jar" serve
  await gateway 60 is_listening gateway || failed gateway
  await gateway 60 healthy "$(listening gateway)" || failed gateway

  printf '%s\n' "DATABASE_URL=postgresql://gateway_cli:$cli_password@$rest" "KEY_PEPPER=$pepper" >"$state/cli.env"
  create_key
  trap - EXIT INT TERM
}

# --- in containers ---------------------------------------------------------------------------------------------------

# Compose as Docker's plugin, or as the program that it was before.
find_compose() {
  command -v docker >/dev/null || command -v docker-compose >/dev/null || die "there is no docker; install Docker with Compose, or leave out --docker"
  if docker compose version >/dev/null 2>&1; then
    compose_program=(docker compose)
  elif command -v docker-compose >/dev/null; then
    compose_program=(docker-compose)
  else
    die "there is no Docker Compose; install docker-compose-plugin or docker-compose, or leave out --docker"
  fi
  docker info >/dev/null 2>&1 || die "no Docker engine answers; start it, or see whether you may use it (docker info)"
}

compose() {
  DEMO_KEY_PEPPER=${pepper:-unused} DEMO_PORT=${DEMO_PORT:-8080} \
    "${compose_program[@]}" --project-name neuronetz-gateway-demo --file "$root/demo/docker-compose.demo.yml" "$@"
}

down_docker() {
  find_compose
  compose down --volumes --remove-orphans --rmi local >&2 || die "the containers were not removed; see above"
  rm -rf "$state"
}

start_docker() {
  local end
  umask 077
  mkdir -p "$state"
  : >"$state/docker"
  trap down EXIT
  trap 'exit 130' INT TERM
  pepper=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
  printf '%s' "$pepper" >"$state/pepper"
  printf 'listening on http://127.0.0.1:%s\n' "${DEMO_PORT:-8080}" >"$state/gateway.out"

  say "building images and starting containers (a few minutes the first time) ..."
  compose up -d --build >&2 || die "the containers did not start; see above"
  end=$((SECONDS + 120))
  until healthy "$(listening gateway)"; do
    if [ "$SECONDS" -ge "$end" ]; then
      compose logs --tail 15 >&2 || true
      die "the gateway is not healthy; its last lines are above"
    fi
    sleep 0.2
  done
  create_key
  trap - EXIT INT TERM
}

# --- showing ---------------------------------------------------------------------------------------------------------

# One of the five calls, ready to paste.
call() {
  local url key json="-H 'Content-Type: application/json'" body
  url=$(listening gateway)
  key=$(cat "$state/key")
  body="\"messages\":[{\"role\":\"user\",\"content\":\"Why is the sky blue?\"}]"
  case $1 in
    sse) echo "curl -sN $url/v1/chat/completions -H 'Authorization: Bearer $key' $json -d '{\"model\":\"$model\",\"stream\":true,$body}'" ;;
    ndjson) echo "curl -sN $url/api/chat -H 'Authorization: Bearer $key' $json -d '{\"model\":\"$model\",$body}'" ;;
    models) echo "curl -s $url/v1/models -H 'Authorization: Bearer $key'" ;;
    unauthorized) echo "curl -si $url/v1/models -H 'Authorization: Bearer nng_wrong'" ;;
    blocked) echo "curl -si $url/api/pull -H 'Authorization: Bearer $key' $json -d '{\"model\":\"$model\"}'" ;;
  esac
}

logs_are() {
  if [ -f "$state/docker" ]; then
    echo "Logs: docker logs $(compose ps -q gateway | cut -c1-12)"
  else
    echo "Logs are in .demo/"
  fi
}

show() {
  cat <<TEXT

The gateway is up.

  URL         $(listening gateway)
  playground  $(listening gateway)/playground
  key         $(cat "$state/key")

A chat as server-sent events, as OpenAI clients ask for it:

$(call sse)

A chat as NDJSON, as Ollama clients ask for it:

$(call ndjson)

The models this key may use:

$(call models)

A wrong key is told nothing (401):

$(call unauthorized)

Changing the model server is blocked for everybody (403):

$(call blocked)

$(logs_are). Stop it and remove everything with: demo/demo.sh --down
TEXT
}

# --- checking --------------------------------------------------------------------------------------------------------

# Runs one of the calls as it is printed, and checks status and content.
check() {
  local name=$1 status=$2 pattern answer
  shift 2
  answer=$(eval "$(call "$name") -w '\nstatus %{http_code}'") || die "smoke: $name: curl failed: $answer"
  case $answer in
    *"status $status") ;;
    *) die "smoke: $name: expected status $status, got: $answer" ;;
  esac
  for pattern in "$@"; do
    grep -q -- "$pattern" <<<"$answer" || die "smoke: $name: no '$pattern' in: $answer"
  done
  say "ok   $name"
}

smoke() {
  command -v curl >/dev/null || die "--smoke needs curl"
  # Not through grep -q, which would close the pipe on a page that is still being written.
  [ "$(curl -sSf "$(listening gateway)/playground" | grep -c '<title>Playground')" = 1 ] || die "smoke: the playground is not served"
  say "ok   playground"
  check sse 200 '^data: {' '"chat.completion.chunk"' '^data: \[DONE\]'
  check ndjson 200 '"done":false' '"done":true' '"eval_count":'
  check models 200 "\"$model\""
  check unauthorized 401 'invalid_api_key' '^[Ww][Ww][Ww]-[Aa]uthenticate: Bearer'
  check blocked 403 'endpoint_blocked'
  say "smoke: the playground and all five calls answered as they should"
}

# Whether what was asked for is up already.
is_up() {
  [ -s "$state/key" ] || return 1
  if [ "$docker" = yes ]; then
    [ -f "$state/docker" ] || return 1
    pepper=$(cat "$state/pepper")
  else
    runs stores && runs mock && runs gateway || return 1
  fi
  healthy "$(listening gateway)"
}

main() {
  local action=up
  docker=no
  if [ "${1:-}" = --docker ]; then
    docker=yes
    shift
  fi
  case ${1:-} in
    '') ;;
    --smoke) action=smoke ;;
    --down) action=down ;;
    -h | --help) action=help ;;
    *)
      usage >&2
      exit 2
      ;;
  esac
  if [ $# -gt 1 ]; then
    usage >&2
    exit 2
  fi
  case $action in
    help)
      usage
      exit 0
      ;;
    down)
      down
      say "the demo is gone"
      exit 0
      ;;
  esac
  if [ "$docker" = yes ]; then
    find_compose
  else
    find_java
  fi
  if ! is_up; then
    down
    if [ "$docker" = yes ]; then
      start_docker
    else
      build
      start
    fi
  fi
  if [ "$action" = smoke ]; then
    smoke
  else
    show
  fi
}

main "$@"
