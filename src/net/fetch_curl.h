#ifndef SRC_NET_FETCH_CURL_H
#define SRC_NET_FETCH_CURL_H
/* libcurl as this process uses it: started once for whoever needs it, its
 * memory src/base/mem's. Safe beside other threads in the libcurl that Debian
 * builds. */

/* Counts: each is ended by its own curl_global_cleanup(). */
void fetch_curl_start(void);
#endif
