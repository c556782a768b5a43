#ifndef PROTO_H2_H
#define PROTO_H2_H
/* A server's HTTP/2 connection as a machine (http.h), on nghttp2 in memory.
 * It begins with the client's preface. Windows are several MB, so that a
 * distant peer can fill its line, and open again as bodies are consumed.
 *
 * Peers that spend our time instead of theirs - streams opened and reset at
 * once, endless CONTINUATION, PING, SETTINGS, empty DATA - get GOAWAY
 * ENHANCE_YOUR_CALM and http_closing(). */
#include "proto/http.h"

struct http *h2_new(const struct http_limits *limits);
#endif
