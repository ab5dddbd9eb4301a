# Two images from one build: the worker and the command line.
#
#   docker build --target worker     -t linkwright-worker .
#   docker build --target linkwright -t linkwright .
#
# Each holds one static binary, the certificates of public authorities, and a user that is not root.

FROM golang:1.26.8-alpine AS build
WORKDIR /src
COPY go.mod go.sum ./
COPY workflows workflows
COPY activities activities
COPY internal internal
COPY starter starter
COPY worker worker
ARG VERSION=dev
ENV CGO_ENABLED=0 GOTOOLCHAIN=local
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    go build -trimpath -ldflags "-s -w -X main.version=$VERSION" -o /out/linkwright ./starter && \
    go build -trimpath -ldflags "-s -w -X main.version=$VERSION" -o /out/linkwright-worker ./worker
RUN echo 'linkwright:x:65532:65532::/:/bin/false' > /out/passwd

FROM scratch AS base
COPY --from=build /out/passwd /etc/passwd
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
# HOME is where a mounted temporal.toml is looked for (.config/temporalio) and a shared AWS configuration (.aws).
ENV HOME=/
USER 65532:65532

FROM base AS linkwright
COPY --from=build /out/linkwright /usr/local/bin/
ENTRYPOINT ["/usr/local/bin/linkwright"]

# The last stage is what `docker build` makes when no target is named.
FROM base AS worker
COPY --from=build /out/linkwright-worker /usr/local/bin/
ENTRYPOINT ["/usr/local/bin/linkwright-worker"]
