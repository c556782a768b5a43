#ifndef SRC_NODE_PORTS_H
#define SRC_NODE_PORTS_H
/* Where each role listens and how others reach it, from the configuration.
 * Defaults are those of recent go-livepeer, chosen so that all roles fit in
 * one process: orchestrator 8935 and status 7935; broadcaster RTMP 1935, HTTP
 * 9935, status 5935; transcoder status 6935. Pure.
 * Source: go-livepeer cmd/livepeer/starter/starter.go at 0.9.1. */
#include "src/model/wire.h"
#include "src/node/config.h"

#define LISTEN_SIZE 280

struct ports {
	char service_uri[256]; /* what the orchestrator advertises */
	char service_host[256];
	char orchestrator[LISTEN_SIZE]; /* what it listens on */
	bool orchestrator_is_tls;	/* there; a proxy may add TLS */
	char rtmp[LISTEN_SIZE];
	char http[LISTEN_SIZE];
	bool http_is_local;
	char playback[LISTEN_SIZE + 8]; /* "http://127.0.0.1:9935" */
	char cli[LISTEN_SIZE];
};
/* Errors name the flag and what it should look like. */
struct err *ports_plan(const struct config *c, struct ports *out) must_check;
#endif
