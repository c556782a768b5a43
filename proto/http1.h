#ifndef PROTO_HTTP1_H
#define PROTO_HTTP1_H
/* A server's HTTP/1.1 connection as a machine (http.h): keep-alive, pipelining
 * with one request at a time, chunked both ways, Expect: 100-continue.
 * What is malformed or tries to smuggle (Content-Length with
 * Transfer-Encoding, two hosts, ...) is answered here with 400 and ends the
 * connection; a head beyond the limits with 431. Parsing is http-parser's. */
#include "proto/http.h"

struct http *http1_new(const struct http_limits *limits);
#endif
