#include "src/alarm/post.h"

#include <stdlib.h>
#include <string.h>

#include "proto/view_codec.h"
#include "src/net/fetch.h"

#define WAITING_MAX 32
#define CONNECT_MS 5000
#define TOTAL_MS 10000
#define ANSWER_MAX 4096
#define TRIES_MAX 8	   /* some four minutes in all */
#define PAUSE_FIRST_MS 1000
#define PAUSE_MAX_MS 60000

struct waiting {
	struct blob *json;
	char *id;
};
struct alarm_post {
	struct actor *on;
	const struct log *log;
	struct net *net;
	char *url;
	struct timer *timer;
	struct waiting waiting[WAITING_MAX]; /* the first is under way or pauses */
	size_t n;
	unsigned tries; /* of the first */
	uint64_t fetch; /* 0: none is under way */
	bool stopped;
};

/* 408 and 429 ask for patience, other 4xx will say the same again. */
int64_t alarm_post_decide(int status, unsigned tries)
{
	int64_t pause_ms = PAUSE_FIRST_MS;

	if (status >= 200 && status < 300)
		return 0;
	if (tries >= TRIES_MAX || (status >= 300 && status < 500 && status != 408 &&
		status != 429))
		return -1;
	while (--tries > 0 && pause_ms < PAUSE_MAX_MS)
		pause_ms *= 2;
	return pause_ms < PAUSE_MAX_MS ? pause_ms : PAUSE_MAX_MS;
}

static void drop(struct alarm_post *p, size_t i)
{
	blob_put(p->waiting[i].json);
	free(p->waiting[i].id);
	p->n--;
	memmove(p->waiting + i, p->waiting + i + 1, (p->n - i) * sizeof(p->waiting[0]));
}

static void on_answer(void *ctx, struct err *taken, void *result);

static void try_first(void *ctx)
{
	struct alarm_post *p = ctx;
	struct fetch *f;

	if (!p->n || p->fetch || p->stopped)
		return;
	f = fetch_new("POST", p->url);
	fetch_header(f, "Content-Type", "application/json");
	fetch_header(f, "User-Agent", "weir/%s", WEIR_VERSION);
	f->body = blob_ref(p->waiting[0].json);
	f->verify_tls = true;
	f->connect_ms = CONNECT_MS;
	f->total_ms = TOTAL_MS;
	f->max_body = ANSWER_MAX;
	p->tries++;
	p->fetch = fetch_start(p->net, f, (struct reply){p->on, on_answer, p});
}

static void next(struct alarm_post *p)
{
	drop(p, 0);
	p->tries = 0;
	try_first(p);
}

static void on_answer(void *ctx, struct err *taken, void *result)
{
	struct alarm_post *p = ctx;
	struct response *r = result;
	/* An answer too long to be read is one all the same. */
	int status = r ? r->status : taken && err_kind(taken) == ERR_LIMIT ? 200 : 0;
	int64_t pause_ms = alarm_post_decide(status, p->tries);
	struct str why = STR_INIT;

	p->fetch = 0;
	if (r)
		str_printf(&why, "status %d", status);
	else
		str_add(&why, err_text(taken));
	if (p->stopped) {
		pause_ms = 0;
	} else if (!pause_ms) {
		log_debug(p->log, "-alarmWebhook was told of %s", p->waiting[0].id);
		next(p);
	} else if (pause_ms < 0) {
		log_broken(p->log, "-alarmWebhook was not told of %s: %s, %u tries",
			p->waiting[0].id, why.s, p->tries);
		next(p);
	} else {
		log_unusual(p->log, "-alarmWebhook: %s; once more in %lld s", why.s,
			(long long)pause_ms / 1000);
		timer_set(p->timer, (uint64_t)pause_ms, 0);
	}
	str_clear(&why);
	err_free(taken);
	response_free(r);
}

struct alarm_post *alarm_post_new(struct actor *on, const struct log *log, struct net *net,
	const char *url)
{
	struct alarm_post *p = XNEW(struct alarm_post);

	p->on = on;
	p->log = log;
	p->net = net;
	p->url = xstrdup(url);
	p->timer = timer_new(on, try_first, p);
	return p;
}

void alarm_post_send(struct alarm_post *p, const struct alarm_notice *n)
{
	struct str json = STR_INIT;

	if (p->n == WAITING_MAX) {
		/* The first may be under way. */
		log_broken(p->log, "-alarmWebhook is not told of %s: too many wait",
			p->waiting[1].id);
		drop(p, 1);
	}
	view_encode(alarm_notice_desc(), n, &json);
	p->waiting[p->n++] = (struct waiting){blob_from_str(&json), xstrdup(view_text(n->id))};
	if (!timer_is_set(p->timer))
		try_first(p);
}

void alarm_post_stop(struct alarm_post *p)
{
	if (!p)
		return;
	p->stopped = true;
	timer_free(TAKE(p->timer));
	if (p->fetch)
		fetch_cancel(p->net, p->fetch);
}

void alarm_post_free(struct alarm_post *p)
{
	if (!p)
		return;
	while (p->n)
		drop(p, p->n - 1);
	free(p->url);
	free(p);
}
