#include "src/net/fetch_pool.h"

#include <stdlib.h>
#include <uv.h>

#include "src/base/err.h"

#define CACHED_CONNECTIONS 128L
#define STREAMS_PER_CONNECTION 250L

struct fetch_pool {
	struct net *net;
	CURLM *multi;
	struct timer *timer;
	void (*done)(void *private, CURLcode code);
};

/* One socket of curl's that is waited on. */
struct watch {
	uv_poll_t poll;
	struct fetch_pool *pool;
	curl_socket_t fd;
};

static void reap(struct fetch_pool *p)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(p->multi, &left))) {
		CURLcode code = m->data.result;
		char *private = NULL;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &private);
		p->done(private, code);
	}
}

static void on_io(uv_poll_t *poll, int status, int events)
{
	struct watch *w = poll->data;
	struct fetch_pool *p = w->pool;
	int flags = status < 0 ? CURL_CSELECT_ERR : 0, running;

	flags |= events & UV_READABLE ? CURL_CSELECT_IN : 0;
	flags |= events & UV_WRITABLE ? CURL_CSELECT_OUT : 0;
	curl_multi_socket_action(p->multi, w->fd, flags, &running);
	reap(p);
}

static void on_timeout(void *ctx)
{
	struct fetch_pool *p = ctx;
	int running;

	curl_multi_socket_action(p->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	reap(p);
}

static int set_timer(CURLM *multi, long ms, void *ctx)
{
	struct fetch_pool *p = ctx;

	(void)multi;
	if (ms < 0)
		timer_stop(p->timer);
	else
		timer_set(p->timer, (uint64_t)ms, 0);
	return 0;
}

static void on_closed(uv_handle_t *h)
{
	free(h->data);
}

static int set_socket(CURL *easy, curl_socket_t fd, int what, void *ctx,
	void *socket)
{
	struct fetch_pool *p = ctx;
	struct watch *w = socket;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (w)
			uv_close((uv_handle_t *)&w->poll, on_closed);
		return 0;
	}
	if (!w) {
		w = XNEW(struct watch);
		w->pool = p;
		w->fd = fd;
		if (uv_poll_init(actor_loop(p->net->actor), &w->poll, fd)) {
			free(w);
			return -1;
		}
		w->poll.data = w;
		curl_multi_assign(p->multi, fd, w);
	}
	uv_poll_start(&w->poll,
		(what & CURL_POLL_IN ? UV_READABLE : 0) |
			(what & CURL_POLL_OUT ? UV_WRITABLE : 0),
		on_io);
	return 0;
}

struct fetch_pool *fetch_pool_new(struct net *n, void (*done)(void *private, CURLcode code))
{
	struct fetch_pool *p = XNEW(struct fetch_pool);

	p->net = n;
	p->done = done;
	p->timer = timer_new(n->actor, on_timeout, p);
	p->multi = curl_multi_init();
	if (!p->multi)
		abort();
	curl_multi_setopt(p->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
	curl_multi_setopt(p->multi, CURLMOPT_SOCKETDATA, p);
	curl_multi_setopt(p->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(p->multi, CURLMOPT_TIMERDATA, p);
	curl_multi_setopt(p->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
	curl_multi_setopt(p->multi, CURLMOPT_MAXCONNECTS, CACHED_CONNECTIONS);
	curl_multi_setopt(p->multi, CURLMOPT_MAX_CONCURRENT_STREAMS,
		STREAMS_PER_CONNECTION);
	return p;
}

void fetch_pool_free(struct fetch_pool *p)
{
	if (!p)
		return;
	curl_multi_cleanup(p->multi);
	timer_free(p->timer);
	free(p);
}

struct err *fetch_pool_add(struct fetch_pool *p, CURL *easy)
{
	CURLMcode code = curl_multi_add_handle(p->multi, easy);

	return code ? err_new(ERR_INTERNAL, "%s", curl_multi_strerror(code)) :
		NULL;
}

void fetch_pool_remove(struct fetch_pool *p, CURL *easy)
{
	curl_multi_remove_handle(p->multi, easy);
}
