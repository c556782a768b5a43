#include "src/role/discovery.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/rpc_codec.h"
#include "proto/webhook_json.h"
#include "src/base/clock.h"

#define WEBHOOK_FRESH_MS 60000
#define WEBHOOK_MS 3000
#define FIRST_MS 500
#define CUT_OFF_MS 6000
#define CONNECT_MS 3000

struct known {
	char uri[URI_SIZE];
	double score;
	char address[2 * sizeof(struct eth_addr) + 3];
	int64_t latency_ms;
	char *last_error;
	int64_t last_error_ms;
};

struct waiter {
	struct waiter *next;
	struct reply reply;
};

struct discovery {
	struct log *log;
	struct actor *actor;
	struct net *net;
	char *webhook;
	unsigned first_ms;
	char *blocklist;
	unsigned extra_nodes;

	struct known *known;
	size_t known_n;
	int64_t listed_ms; /* monotonic; 0: never */
	bool listing;
	struct waiter *waiters;
};

struct discovery *discovery_new(const struct log *log, struct actor *actor,
	struct net *net, const struct discovery_options *o)
{
	struct discovery *d = XNEW(struct discovery);

	d->log = log_child(log, "discovery");
	d->actor = actor;
	d->net = net;
	d->first_ms = o->first_ms ? o->first_ms : FIRST_MS;
	d->webhook = o->webhook && *o->webhook ? xstrdup(o->webhook) : NULL;
	d->blocklist = xstrdup(o->blocklist ? o->blocklist : "");
	d->extra_nodes = o->extra_nodes;
	if (d->webhook)
		return d;
	d->known = xcalloc(o->uris_n, sizeof(*d->known));
	for (size_t i = 0; i < o->uris_n; i++) {
		snprintf(d->known[i].uri, URI_SIZE, "%s", o->uris[i]);
		d->known[i].score = SCORE_TRUSTED;
	}
	d->known_n = o->uris_n;
	return d;
}

static void known_free(struct known *k, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(k[i].last_error);
	free(k);
}

void discovery_free(struct discovery *d)
{
	struct waiter *w;

	if (!d)
		return;
	while ((w = d->waiters)) {
		d->waiters = w->next;
		free(w);
	}
	known_free(d->known, d->known_n);
	log_free(d->log);
	free(d->webhook);
	free(d->blocklist);
	free(d);
}

static bool has_trust(const struct known *k, enum trust trust)
{
	/* What is between 0 and 1 is in neither pool, as in the reference. */
	return trust == TRUST_FULL ? k->score >= SCORE_TRUSTED : k->score == 0;
}

size_t discovery_size(const struct discovery *d, enum trust trust)
{
	size_t n = 0;

	for (size_t i = 0; i < d->known_n; i++)
		n += has_trust(&d->known[i], trust);
	return n;
}

static struct known *find_known(const struct discovery *d, const char *uri)
{
	for (size_t i = 0; i < d->known_n; i++) {
		if (!strcmp(d->known[i].uri, uri))
			return &d->known[i];
	}
	return NULL;
}

/* --- the webhook's list --- */

static void wake_waiters(struct discovery *d)
{
	struct waiter *w;

	while ((w = d->waiters)) {
		d->waiters = w->next;
		reply_send(w->reply, NULL, NULL);
		free(w);
	}
}

static void take_list(struct discovery *d, const struct discovered *list,
	size_t n)
{
	struct known *fresh = xcalloc(n, sizeof(*fresh));

	for (size_t i = 0; i < n; i++) {
		struct known *old = find_known(d, list[i].uri);

		if (old) {
			fresh[i] = *old;
			old->last_error = NULL;
		}
		memcpy(fresh[i].uri, list[i].uri, URI_SIZE);
		fresh[i].score = list[i].score;
	}
	known_free(d->known, d->known_n);
	d->known = fresh;
	d->known_n = n;
}

static void on_webhook(void *ctx, struct err *taken, void *result)
{
	struct discovery *d = ctx;
	struct response *r = result;
	struct discovered *list = NULL;
	size_t n = 0, skipped = 0;

	ASSERT_ON(d->actor);
	d->listing = false;
	d->listed_ms = clock_mono_ms();
	if (!taken && (r->status < 200 || r->status > 299))
		taken = err_new(ERR_UNAVAILABLE, "status %d", r->status);
	if (!taken)
		taken = discovery_parse(&list, &n, &skipped,
			(const char *)blob_data(r->body), blob_size(r->body));
	if (taken)
		log_unusual(d->log, "orchestrator webhook %s: %s; keeping the "
			"%zu known", d->webhook, err_text(taken), d->known_n);
	else
		take_list(d, list, n);
	if (skipped)
		log_unusual(d->log, "orchestrator webhook %s: %zu entries are "
			"no addresses", d->webhook, skipped);
	free(list);
	err_free(taken);
	response_free(r);
	wake_waiters(d);
}

void discovery_ready(struct discovery *d, struct reply reply)
{
	struct waiter *w;
	struct fetch *f;

	if (!d->webhook || (d->listed_ms &&
			clock_mono_ms() - d->listed_ms < WEBHOOK_FRESH_MS)) {
		reply_send(reply, NULL, NULL);
		return;
	}
	w = XNEW(struct waiter);
	w->reply = reply;
	w->next = d->waiters;
	d->waiters = w;
	if (d->listing)
		return;
	d->listing = true;
	f = fetch_new("GET", d->webhook);
	f->verify_tls = true;
	f->follow = true;
	f->total_ms = WEBHOOK_MS;
	f->max_body = WEBHOOK_JSON_MAX;
	fetch_start(d->net, f, (struct reply){d->actor, on_webhook, d});
}

/* --- asking them --- */

static struct blob *make_request(const struct caps *job)
{
	struct orchestrator_request *req = XNEW(struct orchestrator_request);
	struct str msg = STR_INIT;

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

/* Why this answer is not used; NULL: it is. */
static const char *refuse(struct query *q, const struct orchestrator_info *i,
	const char *address)
{
	if (is_blocked(q->d, address))
		return "blocklisted";
	if (q->job.present && !caps_compatible(&q->job, &i->caps))
		return "incompatible capabilities";
	if (!*i->transcoder)
		return "does no transcoding (no service URI)";
	if (!i->token.present)
		return "Missing auth token";
	return NULL;
}

static void note_answer(struct discovery *d, const char *uri,
	const char *address, int64_t latency_ms)
{
	struct known *k = find_known(d, uri);

	if (!k)
		return;
	snprintf(k->address, sizeof(k->address), "%s", address);
	k->latency_ms = latency_ms;
}

void discovery_note(struct discovery *d, const char *uri, const char *error)
{
	struct known *k = find_known(d, uri);

	if (!k)
		return;
	free(k->last_error);
	k->last_error = xstrdup(error);
	k->last_error_ms = clock_wall_ms();
}

static void take_answer(struct query *q, const char *uri,
	const struct orchestrator_info *info, int64_t latency_ms)
{
	struct str address = STR_INIT;
	const char *why;
	struct found *list = q->found;
	int penalty;

	addr_fmt(&address, info->address);
	note_answer(q->d, uri, str_cstr(&address), latency_ms);
	why = refuse(q, info, str_cstr(&address));
	str_clear(&address);
	if (why) {
		log_info(q->d->log, "orchestrator %s not used: %s", uri, why);
		discovery_note(q->d, uri, why);
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
		make_request(&q->job), CONNECT_MS, CUT_OFF_MS,
		(struct reply){d->actor, on_probe, p});
}

static bool was_asked(const struct query *q, const char *uri)
{
	for (size_t i = 0; i < q->siblings_n; i++) {
		if (!strcmp(q->siblings[i], uri))
			return true;
	}
	return find_known(q->d, uri) != NULL;
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
		if (has_trust(&d->known[i], trust))
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
		make_request(job), timeout_ms, timeout_ms,
		(struct reply){d->actor, on_asked, a});
}

void discovery_rows(const struct discovery *d, struct view_orchestrators *out)
{
	for (size_t i = 0; i < d->known_n; i++) {
		struct orchestrator_row *row = VIEW_ADD(&out->rows);
		const struct known *k = &d->known[i];

		view_set(&row->uri, k->uri);
		view_set(&row->address, k->address);
		row->score = k->score;
		row->latency_ms = k->latency_ms;
		view_set(&row->last_error, k->last_error);
		row->last_error_ms = k->last_error_ms;
	}
}
