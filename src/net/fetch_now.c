#include "src/net/fetch_now.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "src/base/clock.h"

#define KEEPALIVE_IDLE_S 30L
#define KEEPALIVE_INTERVAL_S 10L
#define CONNECTIONS_MAX 16L
#define POLL_MS 1000
#define RETRY_AFTER_MAX_S 86400

struct fetch_now {
	CURLM *multi;
	atomic_bool stopped;
};

/* What belongs to one request. */
struct transfer {
	CURL *easy;
	struct curl_slist *headers;
	char why[CURL_ERROR_SIZE];
	struct posted *out;
	size_t max_body;
	bool too_large;
};

struct fetch_now *fetch_now_new(void)
{
	struct fetch_now *f = XNEW(struct fetch_now);

	/* Safe beside other threads in the libcurl that Debian builds. */
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		abort();
	f->multi = curl_multi_init();
	if (!f->multi)
		abort();
	curl_multi_setopt(f->multi, CURLMOPT_MAXCONNECTS, CONNECTIONS_MAX);
	return f;
}

void fetch_now_free(struct fetch_now *f)
{
	if (!f)
		return;
	curl_multi_cleanup(f->multi);
	curl_global_cleanup();
	free(f);
}

void fetch_now_stop(struct fetch_now *f)
{
	atomic_store(&f->stopped, true);
	curl_multi_wakeup(f->multi);
}

void posted_clear(struct posted *p)
{
	str_clear(&p->body);
	*p = (struct posted){ .retry_after_ms = -1 };
}

static size_t on_data(char *bytes, size_t one, size_t n, void *ctx)
{
	struct transfer *t = ctx;

	(void)one;
	if (n > t->max_body - t->out->body.len) {
		t->too_large = true;
		return 0;
	}
	str_addn(&t->out->body, bytes, n);
	return n;
}

#define SET(option, value) curl_easy_setopt(t->easy, option, value)

static void set_request(struct transfer *t, const struct post *p)
{
	struct str type = STR_INIT;

	str_printf(&type, "Content-Type: %s", p->content_type);
	t->headers = curl_slist_append(NULL, type.s);
	t->headers = curl_slist_append(t->headers, "Expect:");
	str_clear(&type);
	SET(CURLOPT_HTTPHEADER, t->headers);
	SET(CURLOPT_URL, p->url);
	SET(CURLOPT_USERAGENT, "weir/" WEIR_VERSION);
	SET(CURLOPT_POST, 1L);
	SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)p->body_n);
	SET(CURLOPT_POSTFIELDS, p->body);
	SET(CURLOPT_ACCEPT_ENCODING, "gzip");
	SET(CURLOPT_WRITEFUNCTION, on_data);
	SET(CURLOPT_WRITEDATA, t);
	SET(CURLOPT_ERRORBUFFER, t->why);
}

static void set_connection(struct transfer *t, const struct post *p)
{
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_NOPROXY, "*"); /* whatever the environment says */
	SET(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)p->connect_ms);
	SET(CURLOPT_TIMEOUT_MS, (long)p->total_ms);
	SET(CURLOPT_TCP_KEEPALIVE, 1L);
	SET(CURLOPT_TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
	SET(CURLOPT_TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S);
	/* Stopping does not wait for a resolver that has no answer yet. */
	SET(CURLOPT_QUICK_EXIT, 1L);
}

/* Turns the loop until the transfer is over, or until we are stopped. */
static struct err *run(struct fetch_now *f, CURLcode *result)
{
	CURLMsg *msg;
	int running = 1, left;

	while (!atomic_load(&f->stopped)) {
		if (curl_multi_perform(f->multi, &running))
			return err_new(ERR_INTERNAL, "libcurl's loop broke");
		msg = curl_multi_info_read(f->multi, &left);
		if (msg && msg->msg == CURLMSG_DONE) {
			*result = msg->data.result;
			return NULL;
		}
		curl_multi_poll(f->multi, NULL, 0, POLL_MS, NULL);
	}
	return err_new(ERR_CANCELLED, "the node is stopping");
}

static enum err_kind kind_of(CURLcode code)
{
	if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
		return ERR_INVALID;
	if (code == CURLE_OPERATION_TIMEDOUT)
		return ERR_TIMEOUT;
	if (code == CURLE_WEIRD_SERVER_REPLY ||
		code == CURLE_BAD_CONTENT_ENCODING)
		return ERR_PROTOCOL;
	return ERR_UNAVAILABLE;
}

static struct err *failure(const struct transfer *t, const struct post *p,
	CURLcode code)
{
	if (t->too_large)
		return err_new(ERR_LIMIT, "an answer of more than %zu bytes",
			p->max_body);
	if (!code)
		return NULL;
	if (code == CURLE_OPERATION_TIMEDOUT)
		return err_new(ERR_TIMEOUT, "no whole answer within %u ms",
			p->total_ms);
	return err_new(kind_of(code), "%s",
		*t->why ? t->why : curl_easy_strerror(code));
}

static void take_info(struct transfer *t)
{
	curl_off_t wait = 0;
	long status = 0;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &wait);
	t->out->status = (int)status;
	if (wait > RETRY_AFTER_MAX_S)
		wait = RETRY_AFTER_MAX_S;
	if (wait > 0)
		t->out->retry_after_ms = (int64_t)wait * 1000;
}

struct err *fetch_now(struct fetch_now *f, const struct post *p,
	struct posted *out)
{
	struct transfer *t = &(struct transfer){ .out = out,
		.max_body = p->max_body };
	int64_t start = clock_mono_us();
	CURLcode code = CURLE_OK;
	struct err *e;

	*out = (struct posted){ .retry_after_ms = -1 };
	t->easy = curl_easy_init();
	if (!t->easy)
		abort();
	set_request(t, p);
	set_connection(t, p);
	curl_multi_add_handle(f->multi, t->easy);
	e = run(f, &code);
	e = e ? e : failure(t, p, code);
	take_info(t);
	out->took_us = clock_mono_us() - start;
	curl_multi_remove_handle(f->multi, t->easy);
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->headers);
	return e;
}

/* --- URLs --- */

/* NULL unless it is a URL of http or https with a host. */
static CURLU *parse(const char *url)
{
	CURLU *u = curl_url();
	char *scheme = NULL, *host = NULL;
	bool ok = u && !curl_url_set(u, CURLUPART_URL, url, 0) &&
		!curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) &&
		!curl_url_get(u, CURLUPART_HOST, &host, 0) &&
		(!strcmp(scheme, "http") || !strcmp(scheme, "https"));

	curl_free(scheme);
	curl_free(host);
	if (ok)
		return u;
	curl_url_cleanup(u);
	return NULL;
}

bool url_is_http(const char *url)
{
	CURLU *u = parse(url);

	curl_url_cleanup(u);
	return u;
}

void url_fmt_shown(struct str *out, const char *url)
{
	CURLU *u = parse(url);
	char *shown = NULL;

	if (u) {
		curl_url_set(u, CURLUPART_USER, NULL, 0);
		curl_url_set(u, CURLUPART_PASSWORD, NULL, 0);
		curl_url_set(u, CURLUPART_OPTIONS, NULL, 0);
		curl_url_set(u, CURLUPART_PATH, NULL, 0);
		curl_url_set(u, CURLUPART_QUERY, NULL, 0);
		curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0);
		curl_url_get(u, CURLUPART_URL, &shown, 0);
	}
	if (shown) {
		size_t n = strlen(shown);

		/* curl ends an empty path with a slash. */
		str_add_safe(out, shown, n && shown[n - 1] == '/' ? n - 1 : n,
			n);
	} else {
		str_add(out, "?");
	}
	curl_free(shown);
	curl_url_cleanup(u);
}
