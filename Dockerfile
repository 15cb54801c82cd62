# One role's Functions app. The context is the repository's root:
#   docker build --build-arg ROLE=encode --build-arg GPU=T4 -t perk-encode .
# Plain Dockerfile syntax only: registries build it without BuildKit.

# Pin both by digest in production: docs/operations.md says which host versions have lost their worker.
ARG SDK=mcr.microsoft.com/dotnet/sdk:10.0
ARG BASE=mcr.microsoft.com/azure-functions/dotnet-isolated:4-dotnet-isolated10.0

FROM ${SDK} AS build
# api, encode, answer, or all
ARG ROLE
# none, T4 or A100: without one libtorch computes on processors, with one it is CUDA's
ARG GPU=none
# key or entra: who lets HTTP requests in
ARG HTTP_ACCESS=key
# A base model and a checkpoint to bake in, as folders under models/; without them the ones that ship are there, or a checkpoint is fetched by its id
ARG MODEL=
ARG CHECKPOINT=
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
WORKDIR /source
COPY . .
RUN case "$ROLE" in api|encode|answer|all) ;; *) echo "ROLE is '$ROLE'; pass --build-arg ROLE=api, encode, answer or all." >&2; exit 1 ;; esac \
 && case "$GPU" in none|T4|A100) ;; *) echo "GPU is '$GPU'; pass --build-arg GPU=none, T4 or A100." >&2; exit 1 ;; esac
RUN dotnet publish src/Perk.Functions --configuration Release --runtime linux-x64 --output /app \
    -p:PerkRole="$ROLE" -p:PerkHttpAccess="$HTTP_ACCESS" -p:TorchBackend="$([ "$GPU" = none ] && echo cpu || echo cuda)"
RUN for folder in "$MODEL" "$CHECKPOINT"; do \
      if [ -n "$folder" ]; then mkdir -p "/app/$folder" && cp -R "$folder/." "/app/$folder"; fi; \
    done

FROM ${BASE} AS app
ARG MODEL=
ARG CHECKPOINT=
LABEL org.opencontainers.image.title="Perk.Serverless" org.opencontainers.image.licenses="MIT"
# libtorch's bindings ask for this symbol version; Debian 12 and Ubuntu 22.04 stop before it. The host is started directly: the image's own script would not pass SIGTERM on.
RUN library="$(ldconfig -p | awk '/libstdc\+\+\.so\.6 .*x86-64/ { print $NF; exit }')" \
 && { grep -aq 'GLIBCXX_3\.4\.32' "$library" || { echo "libstdc++ of the base image ('$library') has no GLIBCXX_3.4.32; take one on Ubuntu 24.04 or later." >&2; exit 1; }; } \
 && { test -x /azure-functions-host/Microsoft.Azure.WebJobs.Script.WebHost || { echo "The base image has no Functions host at /azure-functions-host." >&2; exit 1; }; }
COPY --from=build /app /home/site/wwwroot
# Nobody but root may write where the app lies; what the host and the app write has a folder of its own. Ports below 1024 are root's.
RUN mkdir /var/perk && chown 1654:1654 /var/perk
ENV ASPNETCORE_URLS=http://+:8080 \
    AzureFunctionsJobHost__Logging__Console__IsEnabled=true \
    AzureWebJobsScriptRoot=/home/site/wwwroot \
    FUNCTIONS_LOG_PATH=/var/perk/logs \
    FUNCTIONS_SECRETS_PATH=/var/perk/secrets \
    FUNCTIONS_WORKER_RUNTIME=dotnet-isolated \
    HOME=/var/perk \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    NVIDIA_VISIBLE_DEVICES=all \
    PERK_CACHE=/var/perk/cache \
    Perk__Checkpoint=${CHECKPOINT:+/home/site/wwwroot/$CHECKPOINT} \
    Perk__Model=${MODEL:+/home/site/wwwroot/$MODEL}
USER 1654:1654
EXPOSE 8080
# For engines that look at it; Container Apps has probes of its own.
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s --retries=4 \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health/live HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
CMD ["/azure-functions-host/Microsoft.Azure.WebJobs.Script.WebHost"]
