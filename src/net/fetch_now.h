#ifndef SRC_NET_FETCH_NOW_H
#define SRC_NET_FETCH_NOW_H
/* One HTTP POST at a time, waited for: how the chain actor, which may block,
 * asks RPC endpoints. Connections stay open between requests. Certificates are
 * verified: these are servers of the web, whose word is taken about money,
 * not nodes of the network. http and https, HTTP/1.1, no redirects, no proxy.
 * One owner; fetch_now_stop() from any thread. */
#include "src/base/err.h"
#include "src/base/str.h"

struct fetch_now;

struct fetch_now *fetch_now_new(void);
void fetch_now_free(struct fetch_now *f); /* NULL ok */
/* The request that runs ends with ERR_CANCELLED at once, and so do all that
 * come later. Any thread. */
void fetch_now_stop(struct fetch_now *f);

struct post {
	const char *url;	/* user:password@ is sent as basic auth */
	const char *content_type;
	const void *body;
	size_t body_n;
	unsigned connect_ms;	/* TCP and TLS */
	unsigned total_ms;	/* everything */
	size_t max_body;	/* of the answer, unpacked */
};

struct posted {
	int status;
	struct str body;	 /* owned; as far as max_body */
	int64_t retry_after_ms;	 /* what the server asks for; -1: nothing */
	int64_t took_us;
};
void posted_clear(struct posted *p);

/* Fills out, which posted_clear() frees in any case. An answer of any status
 * is none of the errs: ERR_INVALID (the URL), ERR_UNAVAILABLE (no connection,
 * the certificate), ERR_TIMEOUT, ERR_LIMIT (body), ERR_PROTOCOL,
 * ERR_CANCELLED. The texts have no URL in them. */
struct err *fetch_now(struct fetch_now *f, const struct post *p,
	struct posted *out) must_check;

/* Scheme, host and port, for logs and the console: user names, passwords, and
 * paths, which often are keys, stay out. "?" when it is no http(s) URL. */
void url_fmt_shown(struct str *out, const char *url);
bool url_is_http(const char *url); /* http or https, and well-formed */
#endif
