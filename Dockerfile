# The image of certgen: the program and nothing else; it runs as nobody.
#
#   docker build -t certgen .
#
# "go run ./internal/release" makes the same for two platforms without Docker, always with the same bytes.
FROM golang:1.26 AS build
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /certgen ./cmd/certgen

FROM scratch
COPY --from=build /certgen /certgen
USER 65532:65532
ENTRYPOINT ["/certgen"]
