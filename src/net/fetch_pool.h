#ifndef SRC_NET_FETCH_POOL_H
#define SRC_NET_FETCH_POOL_H
/* A curl_multi on the net actor's loop: its sockets, its timer, its cache of
 * connections. There is one for requests that do without ALPN, so that theirs
 * are never mistaken for connections that could speak HTTP/2, and one for all
 * others. Net actor only. */
#include "src/net/net_private.h"
#include <curl/curl.h>

struct fetch_pool;

/* done gets each transfer's CURLOPT_PRIVATE; it must fetch_pool_remove() it. */
struct fetch_pool *fetch_pool_new(struct net *n, void (*done)(void *private, CURLcode code));
void fetch_pool_free(struct fetch_pool *p); /* nothing may be added any more */
struct err *fetch_pool_add(struct fetch_pool *p, CURL *easy) must_check;
void fetch_pool_remove(struct fetch_pool *p, CURL *easy);
#endif
