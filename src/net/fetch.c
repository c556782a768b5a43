#include "src/net/fetch.h"

#include <assert.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "src/base/clock.h"
#include "src/base/err.h"
#include "src/base/str.h"
#include "src/net/fetch_private.h"

#define CONNECT_MS 2000
#define TOTAL_MS 60000
#define BODY_MAX (64u << 10)
#define HEAD_BYTES_MAX (64u << 10)
#define BUFFER_SIZE (128L << 10)
#define UPLOAD_BUFFER_SIZE (512L << 10)
/* A path that swallows packets is noticed even under an idle stream. */
#define KEEPALIVE_IDLE_S 15L
#define KEEPALIVE_INTERVAL_S 5L
#define UNACKED_MS 20000

struct fetcher {
	struct fetch_pool *plain; /* HTTP/1.1 without ALPN */
	struct fetch_pool *alpn;
	LIST_HEAD(, transfer) transfers;
};

/* --- the request as a value --- */

struct fetch *fetch_new(const char *method, const char *url)
{
	struct fetch *f = XNEW(struct fetch);

	snprintf(f->method, sizeof(f->method), "%s", method);
	f->url = xstrdup(url);
	return f;
}

void fetch_header(struct fetch *f, const char *name, const char *fmt, ...)
{
	struct str s = STR_INIT;
	size_t value;
	va_list ap;

	str_printf(&s, "%s: ", name);
	value = s.len;
	va_start(ap, fmt);
	str_vprintf(&s, fmt, ap);
	va_end(ap);
	/* A line's end in a value would begin another header. */
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.s[i] < 0x20)
			s.s[i] = ' ';
	}
	if (s.len == value) { /* curl's spelling of an empty header */
		str_truncate(&s, value - 2);
		str_addc(&s, ';');
	}
	f->headers = xrealloc_array(f->headers, f->headers_n + 1,
		sizeof(*f->headers));
	f->headers[f->headers_n++] = str_take(&s);
}

static void free_lines(char **lines, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(lines[i]);
	free(lines);
}

void fetch_free(struct fetch *f)
{
	if (!f)
		return;
	free(f->url);
	free_lines(f->headers, f->headers_n);
	blob_put(f->body);
	free(f);
}

const char *response_header(const struct response *r, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < r->headers_n; i++) {
		const char *h = r->headers[i];

		if (!strncasecmp(h, name, n) && h[n] == ':')
			return h + n + 1 + strspn(h + n + 1, " \t");
	}
	return NULL;
}

void response_free(struct response *r)
{
	if (!r)
		return;
	free_lines(r->headers, r->headers_n);
	blob_put(r->body);
	free(r);
}

/* --- transfers: made anywhere, run on the net actor --- */

struct transfer *transfer_new(struct net *n, struct fetch *taken,
	const struct transfer_ops *ops, void *own)
{
	struct transfer *t = XNEW(struct transfer);

	t->net = n;
	t->f = taken;
	t->ops = ops;
	t->own = own;
	t->id = atomic_fetch_add(&n->last_fetch, 1) + 1;
	return t;
}

static void transfer_free(struct transfer *t)
{
	if (t->ops->free)
		t->ops->free(t);
	if (t->easy) {
		fetch_pool_remove(t->pool, t->easy);
		curl_easy_cleanup(t->easy);
	}
	curl_slist_free_all(t->sent);
	timer_free(t->head_timer);
	fetch_free(t->f);
	free_lines(t->head, t->head_n);
	str_clear(&t->in);
	err_free(t->err);
	free(t);
}

static void finish(struct transfer *t, struct err *taken)
{
	LIST_REMOVE(t, link);
	t->ops->done(t, taken);
	transfer_free(t);
}

void transfer_fail(struct transfer *t, struct err *taken)
{
	ASSERT_ON(t->net->actor);
	finish(t, taken);
}

struct transfer *transfer_find(struct net *n, uint64_t id)
{
	struct transfer *t;

	if (!n->fetcher)
		return NULL;
	LIST_FOREACH(t, &n->fetcher->transfers, link) {
		if (t->id == id)
			return t;
	}
	return NULL;
}

static struct err *timeout_err(const struct transfer *t)
{
	return err_new(ERR_TIMEOUT, "%s timeout: after %" PRId64 " ms",
		t->status ? "body" : "header",
		(clock_mono_us() - t->start_us) / 1000);
}

static enum err_kind kind_of(CURLcode code)
{
	if (code == CURLE_URL_MALFORMAT)
		return ERR_INVALID;
	if (code == CURLE_UNSUPPORTED_PROTOCOL ||
		code == CURLE_WEIRD_SERVER_REPLY ||
		code == CURLE_TOO_MANY_REDIRECTS ||
		code == CURLE_BAD_CONTENT_ENCODING)
		return ERR_PROTOCOL;
	return ERR_UNAVAILABLE;
}

static struct err *curl_err(struct transfer *t, CURLcode code)
{
	if (t->err)
		return TAKE(t->err);
	if (!code)
		return NULL;
	if (code == CURLE_OPERATION_TIMEDOUT)
		return timeout_err(t);
	return err_new(kind_of(code), "%s",
		*t->why ? t->why : curl_easy_strerror(code));
}

static void on_done(void *private, CURLcode code)
{
	struct transfer *t = private;

	finish(t, curl_err(t, code));
}

static void on_head_timeout(void *ctx)
{
	struct transfer *t = ctx;

	if (!t->status)
		finish(t, timeout_err(t));
}

/* --- curl's callbacks --- */

static void forget_head(struct transfer *t)
{
	free_lines(t->head, t->head_n);
	t->head = NULL;
	t->head_n = t->head_bytes = 0;
}

static size_t without_eol(const char *line, size_t n)
{
	while (n && (line[n - 1] == '\r' || line[n - 1] == '\n'))
		n--;
	return n;
}

static void keep_header(struct transfer *t, const char *line, size_t n)
{
	t->head = xrealloc_array(t->head, t->head_n + 1, sizeof(*t->head));
	t->head[t->head_n++] = xstrndup(line, n);
	if (t->ops->header)
		t->ops->header(t, t->head[t->head_n - 1]);
}

/* The empty line: of the head, or of trailers when there was one. */
static void end_head(struct transfer *t)
{
	long status = 0;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status < 200 || t->status)
		return;
	t->status = (int)status;
	t->head_us = clock_mono_us() - t->start_us;
}

static size_t on_header(char *line, size_t one, size_t n, void *ctx)
{
	struct transfer *t = ctx;
	size_t len = without_eol(line, n);

	(void)one;
	if (len > 5 && !memcmp(line, "HTTP/", 5)) {
		forget_head(t); /* of an interim answer or a redirect */
		t->status = 0;
	}
	t->head_bytes += n;
	if (t->head_bytes > HEAD_BYTES_MAX) {
		t->err = err_new(ERR_LIMIT, "response headers of more than "
			"%u bytes", HEAD_BYTES_MAX);
		return 0;
	}
	if (!len)
		end_head(t);
	else if (memchr(line, ':', len))
		keep_header(t, line, len);
	return n;
}

static size_t on_data(char *p, size_t one, size_t n, void *ctx)
{
	struct transfer *t = ctx;

	(void)one;
	if (!t->err)
		t->err = t->ops->data(t, (const uint8_t *)p, n);
	return t->err ? 0 : n;
}

static int on_socket(void *ctx, curl_socket_t fd, curlsocktype purpose)
{
	unsigned ms = UNACKED_MS;

	(void)ctx;
	(void)purpose;
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));
	return CURL_SOCKOPT_OK;
}

/* --- setting up --- */

#define SET(option, value) curl_easy_setopt(t->easy, option, value)

/* An orchestrator refuses a segment before it has read it. Over HTTP/2 curl
 * (7.88) then reports the reset of the stream and loses the answer, so bodies
 * go over HTTP/1.1 unless HTTP/2 was asked for. */
static bool is_http1(const struct fetch *f)
{
	return f->http == FETCH_H1 ||
		(f->http == FETCH_ANY && blob_size(f->body));
}

static void set_http(struct transfer *t)
{
	bool tls = str_has_prefix(t->f->url, "https://");

	if (is_http1(t->f)) {
		SET(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
		SET(CURLOPT_SSL_ENABLE_ALPN, 0L);
	} else if (t->f->http == FETCH_ANY) {
		SET(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
	} else {
		SET(CURLOPT_HTTP_VERSION, tls ? CURL_HTTP_VERSION_2_0 :
			CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
	}
	/* curl 7.88 greets again on a clear-text connection it reuses, and
	 * cancelling one stream of several sends nothing: a stream for days
	 * has a connection of its own, which then closes. */
	if ((t->f->http == FETCH_H2 && !tls) ||
		t->f->total_ms == FETCH_FOREVER) {
		SET(CURLOPT_FRESH_CONNECT, 1L);
		SET(CURLOPT_FORBID_REUSE, 1L);
	}
	SET(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, t->f->verify_tls ? 1L : 0L);
	SET(CURLOPT_SSL_VERIFYHOST, t->f->verify_tls ? 2L : 0L);
	/* Wait for a connection being made rather than make one each. */
	SET(CURLOPT_PIPEWAIT, 1L);
}

static void set_headers(struct transfer *t)
{
	bool typed = false;

	for (size_t i = 0; i < t->f->headers_n; i++) {
		typed |= !strncasecmp(t->f->headers[i], "content-type:", 13);
		t->sent = curl_slist_append(t->sent, t->f->headers[i]);
	}
	/* What curl would add on its own. */
	t->sent = curl_slist_append(t->sent, "Expect:");
	if (!typed)
		t->sent = curl_slist_append(t->sent, "Content-Type:");
	SET(CURLOPT_HTTPHEADER, t->sent);
	SET(CURLOPT_USERAGENT, "weir/" WEIR_VERSION);
}

static void set_method(struct transfer *t)
{
	if (!strcmp(t->f->method, "HEAD")) {
		SET(CURLOPT_NOBODY, 1L);
		return;
	}
	if (strcmp(t->f->method, "GET")) {
		SET(CURLOPT_POST, 1L);
		SET(CURLOPT_POSTFIELDSIZE_LARGE,
			(curl_off_t)blob_size(t->f->body));
		SET(CURLOPT_POSTFIELDS, blob_data(t->f->body));
	}
	SET(CURLOPT_CUSTOMREQUEST, t->f->method);
}

static void set_limits(struct transfer *t)
{
	const struct fetch *f = t->f;

	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_NOPROXY, "*"); /* whatever the environment says */
	if (f->follow)
		transfer_follow(t);
	SET(CURLOPT_CONNECTTIMEOUT_MS,
		(long)(f->connect_ms ? f->connect_ms : CONNECT_MS));
	if (f->total_ms != FETCH_FOREVER)
		SET(CURLOPT_TIMEOUT_MS,
			(long)(f->total_ms ? f->total_ms : TOTAL_MS));
	SET(CURLOPT_TCP_KEEPALIVE, 1L);
	SET(CURLOPT_TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
	SET(CURLOPT_TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S);
	SET(CURLOPT_SOCKOPTFUNCTION, on_socket);
	SET(CURLOPT_BUFFERSIZE, BUFFER_SIZE);
	SET(CURLOPT_UPLOAD_BUFFERSIZE, UPLOAD_BUFFER_SIZE);
}

static void set_callbacks(struct transfer *t)
{
	SET(CURLOPT_URL, t->f->url);
	SET(CURLOPT_PRIVATE, t);
	SET(CURLOPT_ERRORBUFFER, t->why);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, t);
	SET(CURLOPT_WRITEFUNCTION, on_data);
	SET(CURLOPT_WRITEDATA, t);
}

static void fetcher_stop(struct net *n)
{
	struct fetcher *f = n->fetcher;
	struct transfer *t;

	while ((t = LIST_FIRST(&f->transfers)))
		finish(t, err_new(ERR_CANCELLED, "the node is stopping"));
	fetch_pool_free(f->plain);
	fetch_pool_free(f->alpn);
	free(f);
	n->fetcher = NULL;
	curl_global_cleanup();
}

/* Made with the first request, here on the net actor: curl_global_init() is
 * safe beside other threads in the libcurl that Debian builds. */
static struct fetcher *fetcher_of(struct net *n)
{
	struct fetcher *f = n->fetcher;

	if (f)
		return f;
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		abort();
	f = n->fetcher = XNEW(struct fetcher);
	f->plain = fetch_pool_new(n, on_done);
	f->alpn = fetch_pool_new(n, on_done);
	LIST_INIT(&f->transfers);
	n->fetcher_stop = fetcher_stop;
	return f;
}

static struct err *set_up(struct transfer *t, struct fetcher *f)
{
	if (!str_has_prefix(t->f->url, "http://") &&
		!str_has_prefix(t->f->url, "https://"))
		return err_new(ERR_INVALID, "neither http nor https: %.64s",
			t->f->url);
	t->easy = curl_easy_init();
	if (!t->easy)
		abort();
	t->pool = is_http1(t->f) ? f->plain : f->alpn;
	set_callbacks(t);
	set_limits(t);
	set_http(t);
	set_method(t);
	set_headers(t);
	return fetch_pool_add(t->pool, t->easy);
}

static void on_start(void *ctx)
{
	struct transfer *t = ctx;
	struct fetcher *f;
	struct err *e;

	ASSERT_ON(t->net->actor);
	if (t->net->stopping) {
		t->ops->done(t, err_new(ERR_CANCELLED, "the node is stopping"));
		transfer_free(t);
		return;
	}
	f = fetcher_of(t->net);
	LIST_INSERT_HEAD(&f->transfers, t, link);
	t->start_us = clock_mono_us();
	e = set_up(t, f);
	if (e) {
		finish(t, e);
		return;
	}
	if (t->f->head_ms) {
		t->head_timer = timer_new(t->net->actor, on_head_timeout, t);
		timer_set(t->head_timer, t->f->head_ms, 0);
	}
	if (t->ops->start)
		t->ops->start(t);
}

uint64_t transfer_start(struct transfer *t)
{
	uint64_t id = t->id;

	actor_post(t->net->actor, on_start, t);
	return id;
}

struct cancel {
	struct net *net;
	uint64_t id;
};

static void on_cancel(void *ctx)
{
	struct cancel *c = ctx;
	struct transfer *t = transfer_find(c->net, c->id);

	if (t)
		finish(t, err_new(ERR_CANCELLED, "cancelled"));
	free(c);
}

void fetch_cancel(struct net *n, uint64_t id)
{
	struct cancel *c = XNEW(struct cancel);

	c->net = n;
	c->id = id;
	actor_post(n->actor, on_cancel, c);
}

/* --- plain requests --- */

static struct err *collect(struct transfer *t, const uint8_t *p, size_t n)
{
	size_t max = t->f->max_body ? t->f->max_body : BODY_MAX;

	if (n > max - t->in.len)
		return err_new(ERR_LIMIT, "response of more than %zu bytes",
			max);
	str_addn(&t->in, p, n);
	return NULL;
}

/* An O that refuses a segment says so before it has read the body, and then
 * breaks off: what it said counts, not how it ended. */
static bool is_early_answer(const struct transfer *t)
{
	curl_off_t sent = 0;

	curl_easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
	return t->status >= 300 && (size_t)sent < blob_size(t->f->body);
}

static void fetch_done(struct transfer *t, struct err *taken)
{
	struct response *r;

	if (taken && err_kind(taken) == ERR_UNAVAILABLE && t->easy &&
		is_early_answer(t)) {
		err_free(taken);
		taken = NULL;
	}
	if (taken || !t->reply.fn) {
		reply_send(t->reply, taken, NULL);
		return;
	}
	r = XNEW(struct response);
	r->status = t->status;
	r->headers = TAKE(t->head);
	r->headers_n = t->head_n;
	t->head_n = 0;
	r->body = blob_from_str(&t->in);
	r->head_us = t->head_us;
	r->total_us = clock_mono_us() - t->start_us;
	reply_send(t->reply, NULL, r);
}

static const struct transfer_ops fetch_ops = {
	.data = collect,
	.done = fetch_done,
};

uint64_t fetch_start(struct net *n, struct fetch *taken, struct reply reply)
{
	struct transfer *t = transfer_new(n, taken, &fetch_ops, NULL);

	t->reply = reply;
	return transfer_start(t);
}
