#include "src/role/discovery.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/rpc_codec.h"
#include "proto/webhook_json.h"
#include "src/base/clock.h"
#include "src/role/discovery_private.h"

#define CUT_OFF_MS 6000
#define CONNECT_MS 3000

/* --- asking them --- */

static struct blob *make_request(const struct discovery *d, const struct caps *job)
{
	struct orchestrator_request *req = XNEW(struct orchestrator_request);
	struct str msg = STR_INIT;

	if (d->purse)
		purse_sign_request(d->purse, req);
	if (job)
		req->caps = *job;
	orchestrator_request_encode(req, &msg);
	free(req);
	return blob_from_str(&msg);
}

struct query {
	struct discovery *d;
	struct reply reply;
	size_t want, asked, answered, room;
	struct caps job;
	int (*penalty)(void *ctx, const char *uri);
	void *penalty_ctx;
	int64_t began_ms;
	uint64_t wait_ms; /* doubles */
	struct timer *timer;
	bool replied;
	struct found *found;	 /* room for all asked */
	struct found *suspended; /* likewise */
	int *penalties;		 /* of suspended */
	char (*siblings)[URI_SIZE]; /* asked beside the known ones */
	size_t siblings_n;
};

struct probe {
	struct query *q;
	char uri[URI_SIZE];
	bool is_extra; /* named by an orchestrator, not by us */
	int64_t began_us;
};

static void query_free(struct query *q)
{
	timer_free(q->timer);
	free(q->found);
	free(q->suspended);
	free(q->penalties);
	free(q->siblings);
	free(q);
}

static int by_latency(const void *a, const void *b)
{
	const struct found_orchestrator *x = a, *y = b;

	return (x->latency_ms > y->latency_ms) -
		(x->latency_ms < y->latency_ms);
}

/* Fills up with suspended ones, the least punished first. */
static void top_up(struct query *q)
{
	while (q->found->n < q->want && q->suspended->n) {
		size_t least = 0;

		for (size_t i = 1; i < q->suspended->n; i++) {
			if (q->penalties[i] < q->penalties[least])
				least = i;
		}
		q->found->o[q->found->n++] = q->suspended->o[least];
		q->suspended->n--;
		q->suspended->o[least] = q->suspended->o[q->suspended->n];
		q->penalties[least] = q->penalties[q->suspended->n];
	}
}

static void query_reply(struct query *q)
{
	if (q->replied)
		return;
	q->replied = true;
	timer_stop(q->timer);
	qsort(q->found->o, q->found->n, sizeof(q->found->o[0]), by_latency);
	top_up(q);
	if (q->found->n > q->want)
		q->found->n = q->want;
	reply_send(q->reply, NULL, TAKE(q->found));
}

static void on_query_timer(void *ctx)
{
	struct query *q = ctx;

	if (q->found->n || q->suspended->n ||
		clock_mono_ms() - q->began_ms >= CUT_OFF_MS) {
		query_reply(q);
		return;
	}
	q->wait_ms *= 2;
	timer_set(q->timer, q->wait_ms, 0);
}

static bool is_blocked(const struct discovery *d, const char *address)
{
	const char *hex = address + 2, *at = d->blocklist;

	/* compared without 0x and in lower case */
	for (size_t n = strlen(hex); (at = strcasestr(at, hex)); at += n) {
		if (at[n] == '\0' || at[n] == ',')
			return true;
	}
	return false;
}

/* Its terms, where there is money. Trouble with our own is none of its: the
 * stream that would pay is told. */
static struct err *check_terms(const struct discovery *d, const struct orchestrator_info *i)
{
	struct price price;
	struct err *e;

	if (!i->has_params)
		return err_new(ERR_INVALID, "Missing ticket params");
	if (!orchestrator_price(&price, i))
		return err_new(ERR_INVALID, "missing orchestrator price");
	e = purse_check(d->purse, i);
	if (!e || (err_kind(e) != ERR_DENIED && err_kind(e) != ERR_UNAVAILABLE))
		return e;
	err_free(e);
	return NULL;
}

/* Why this answer is not used; NULL: it is. */
static struct err *refuse(struct query *q, const struct orchestrator_info *i,
	const char *address)
{
	if (is_blocked(q->d, address))
		return err_new(ERR_DENIED, "blocklisted");
	if (q->job.present && !caps_compatible(&q->job, &i->caps))
		return err_new(ERR_INVALID, "incompatible capabilities");
	if (!*i->transcoder)
		return err_new(ERR_INVALID, "does no transcoding (no service URI)");
	if (!i->token.present)
		return err_new(ERR_INVALID, "Missing auth token");
	return q->d->purse ? check_terms(q->d, i) : NULL;
}

static void take_answer(struct query *q, const char *uri,
	const struct orchestrator_info *info, int64_t latency_ms)
{
	struct str address = STR_INIT;
	struct err *why;
	struct found *list = q->found;
	int penalty;

	addr_fmt(&address, info->address);
	discovery_note_answer(q->d, uri, str_cstr(&address), latency_ms);
	why = refuse(q, info, str_cstr(&address));
	str_clear(&address);
	if (why) {
		log_info(q->d->log, "orchestrator %s not used: %s", uri, err_text(why));
		discovery_note(q->d, uri, err_text(why));
		err_free(why);
		return;
	}
	penalty = q->penalty(q->penalty_ctx, info->transcoder);
	if (penalty) {
		list = q->suspended;
		q->penalties[list->n] = penalty;
	}
	list->o[list->n].info = *info;
	list->o[list->n++].latency_ms = latency_ms;
}

static void on_probe(void *ctx, struct err *taken, void *result);

static void ask_one(struct query *q, const char *uri, bool is_extra)
{
	struct discovery *d = q->d;
	struct probe *p = XNEW(struct probe);

	p->q = q;
	p->is_extra = is_extra;
	p->began_us = clock_mono_us();
	snprintf(p->uri, sizeof(p->uri), "%s", uri);
	q->asked++;
	grpc_call(d->net, p->uri, "/net.Orchestrator/GetOrchestrator",
		make_request(d, &q->job), CONNECT_MS, CUT_OFF_MS,
		(struct reply){d->actor, on_probe, p});
}

static bool was_asked(const struct query *q, const char *uri)
{
	for (size_t i = 0; i < q->siblings_n; i++) {
		if (!strcmp(q->siblings[i], uri))
			return true;
	}
	return discovery_known(q->d, uri) != NULL;
}

/* The nodes that an orchestrator names beside itself: the first -extraNodes,
 * each once; theirs in turn are not followed. */
static void ask_siblings(struct query *q, const struct orchestrator_info *info)
{
	for (size_t i = 0; i < info->nodes_n && i < q->d->extra_nodes; i++) {
		char uri[URI_SIZE];

		if (q->asked == q->room || !orchestrator_uri(uri, info->nodes[i])
			|| was_asked(q, uri))
			continue;
		memcpy(q->siblings[q->siblings_n++], uri, URI_SIZE);
		ask_one(q, uri, true);
	}
}

static void on_probe(void *ctx, struct err *taken, void *result)
{
	struct probe *p = ctx;
	struct query *q = p->q;
	struct orchestrator_info *info = XNEW(struct orchestrator_info);
	struct blob *body = result;

	ASSERT_ON(q->d->actor);
	q->answered++;
	if (!taken)
		taken = orchestrator_info_decode(info, blob_data(body),
			blob_size(body));
	if (taken) {
		log_info(q->d->log, "Could not get orchestrator orch=%s: %s",
			p->uri, err_text(taken));
		discovery_note(q->d, p->uri, err_text(taken));
	} else if (!q->replied) {
		take_answer(q, p->uri, info,
			(clock_mono_us() - p->began_us) / 1000);
		if (!p->is_extra)
			ask_siblings(q, info);
	}
	if (!q->replied && (q->found->n >= q->want || q->answered == q->asked))
		query_reply(q);
	if (q->answered == q->asked)
		query_free(q);
	err_free(taken);
	blob_put(body);
	free(info);
	free(p);
}

static struct found *found_new(size_t room)
{
	return xcalloc(1, sizeof(struct found) +
		room * sizeof(struct found_orchestrator));
}

void discovery_find(struct discovery *d, enum trust trust, size_t want,
	const struct caps *job, int (*penalty)(void *ctx, const char *uri),
	void *ctx, struct reply reply)
{
	size_t size = discovery_size(d, trust);
	struct query *q;

	if (!size) {
		reply_send(reply, NULL, found_new(0));
		return;
	}
	q = XNEW(struct query);
	q->d = d;
	q->reply = reply;
	q->room = size * (1 + d->extra_nodes);
	q->want = want < q->room ? want : q->room;
	q->job = *job;
	q->penalty = penalty;
	q->penalty_ctx = ctx;
	q->began_ms = clock_mono_ms();
	q->wait_ms = d->first_ms;
	q->found = found_new(q->room);
	q->suspended = found_new(q->room);
	q->penalties = xcalloc(q->room, sizeof(*q->penalties));
	q->siblings = xcalloc(q->room, sizeof(*q->siblings));
	q->timer = timer_new(d->actor, on_query_timer, q);
	timer_set(q->timer, q->wait_ms, 0);
	for (size_t i = 0; i < d->known_n; i++) {
		if (discovery_has_trust(&d->known[i], trust))
			ask_one(q, d->known[i].uri, false);
	}
}

/* --- one of them --- */

struct ask {
	struct reply reply;
};

static void on_asked(void *ctx, struct err *taken, void *result)
{
	struct ask *a = ctx;
	struct orchestrator_info *info = XNEW(struct orchestrator_info);
	struct blob *body = result;

	if (!taken)
		taken = orchestrator_info_decode(info, blob_data(body),
			blob_size(body));
	if (!taken && !info->token.present)
		taken = err_new(ERR_PROTOCOL, "Missing auth token");
	if (taken)
		free(TAKE(info));
	reply_send(a->reply, taken, info);
	blob_put(body);
	free(a);
}

void discovery_ask(struct discovery *d, const char *uri,
	const struct caps *job, unsigned timeout_ms, struct reply reply)
{
	struct ask *a = XNEW(struct ask);

	a->reply = reply;
	grpc_call(d->net, uri, "/net.Orchestrator/GetOrchestrator",
		make_request(d, job), timeout_ms, timeout_ms,
		(struct reply){d->actor, on_asked, a});
}
