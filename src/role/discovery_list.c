/* Who there is to ask: a fixed list, a webhook's, or the pool of the chain, and
 * what is known of each. Runs on the broadcaster's actor. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/webhook_json.h"
#include "src/base/clock.h"
#include "src/role/discovery_private.h"

#define WEBHOOK_FRESH_MS 60000
#define WEBHOOK_MS 3000
#define FIRST_MS 500
#define POOL_MS 3000

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
	d->purse = o->purse;
	d->uses_pool = d->purse && !d->webhook && !o->uris_n;
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
	free(d->pool);
	log_free(d->log);
	free(d->webhook);
	free(d->blocklist);
	free(d);
}

bool discovery_has_trust(const struct known *k, enum trust trust)
{
	/* What is between 0 and 1 is in neither pool, as in the reference. */
	return trust == TRUST_FULL ? k->score >= SCORE_TRUSTED : k->score == 0;
}

size_t discovery_size(const struct discovery *d, enum trust trust)
{
	size_t n = 0;

	for (size_t i = 0; i < d->known_n; i++)
		n += discovery_has_trust(&d->known[i], trust);
	return n;
}

struct known *discovery_known(const struct discovery *d, const char *uri)
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
		struct known *old = discovery_known(d, list[i].uri);

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

void discovery_stop(struct discovery *d)
{
	timer_free(TAKE(d->patience));
	wake_waiters(d);
}

static void on_patience(void *ctx)
{
	struct discovery *d = ctx;

	timer_free(TAKE(d->patience));
	wake_waiters(d);
}

static void wait_for_pool(struct discovery *d, struct reply reply)
{
	struct waiter *w = XNEW(struct waiter);

	w->reply = reply;
	w->next = d->waiters;
	d->waiters = w;
	if (d->patience)
		return;
	d->patience = timer_new(d->actor, on_patience, d);
	timer_set(d->patience, POOL_MS, 0);
}

/* Registered URIs are anybody's text: what is none is passed over. */
static void list_pool(struct discovery *d)
{
	struct discovered *list = xcalloc(d->pool->n, sizeof(*list));
	size_t n = 0, skipped = 0;

	for (size_t i = 0; i < d->pool->n; i++) {
		if (orchestrator_uri(list[n].uri, d->pool->o[i].uri))
			list[n++].score = 0;
		else
			skipped++;
	}
	take_list(d, list, n);
	log_debug(d->log, "%zu orchestrators on the chain, %zu without an address", n,
		skipped);
	free(list);
}

void discovery_set_pool(struct discovery *d, struct discovery_pool *taken)
{
	free(d->pool);
	d->pool = taken;
	if (!d->uses_pool)
		return;
	list_pool(d);
	if (d->patience)
		on_patience(d);
}

double discovery_stake(const struct discovery *d, struct eth_addr orchestrator)
{
	for (size_t i = 0; d->pool && i < d->pool->n; i++) {
		if (addr_eq(d->pool->o[i].address, orchestrator))
			return u256_to_double(d->pool->o[i].stake.v); /* raw: only a weight */
	}
	return 0;
}

void discovery_ready(struct discovery *d, struct reply reply)
{
	struct waiter *w;
	struct fetch *f;

	if (d->uses_pool && !d->pool) {
		wait_for_pool(d, reply);
		return;
	}
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

/* --- what is known of them --- */

void discovery_note_answer(struct discovery *d, const char *uri,
	const char *address, int64_t latency_ms)
{
	struct known *k = discovery_known(d, uri);

	if (!k)
		return;
	snprintf(k->address, sizeof(k->address), "%s", address);
	k->latency_ms = latency_ms;
}

void discovery_note(struct discovery *d, const char *uri, const char *error)
{
	struct known *k = discovery_known(d, uri);

	if (!k)
		return;
	free(k->last_error);
	k->last_error = xstrdup(error);
	k->last_error_ms = clock_wall_ms();
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
