#include "src/eth/endpoint.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/net/fetch_now.h"

#define REST_MIN_MS 200
#define REST_MAX_MS 60000
#define LIMITED_MIN_MS 1000
#define LIMITED_MAX_MS 3600000
#define LIMITED_ALONE_MAX_MS 60000
#define WRONG_CHAIN_MS 300000
#define ASIDE_MS 600000
#define MALFORMED_MAX 3

/* Heads further apart than this belong to different chains, or one is made
 * up: an hour of L1, minutes of Arbitrum. */
#define FAR_BLOCKS 1000
#define FRESH_MS 60000	/* a head learned longer ago proves nothing */
#define BEHIND_MS 60000 /* five blocks of L1 */
#define FUTURE_MS 900000

/* Slower than the best by this, or failing this often, an endpoint is passed
 * over for one further down the list. */
#define SLOW_TIMES 4
#define SLOW_US 500000
#define POOR_PPM 200000
#define PPM 1000000

void endpoint_init(struct endpoint *e, const char *url)
{
	struct str shown = STR_INIT;

	*e = (struct endpoint){ .url = xstrdup(url), .chain_asked_ms = -1,
		.head_seen_ms = -1, .advanced_ms = -1, .asked_ms = -1,
		.latency_us = -1, .batch_max = BATCH_MAX };
	url_fmt_shown(&shown, url);
	snprintf(e->shown, sizeof(e->shown), "%s", shown.s);
	str_clear(&shown);
}

void endpoint_clear(struct endpoint *e)
{
	free(TAKE(e->url));
}

/* --- a request, and what it came to --- */

static void average(struct endpoint *e, bool error)
{
	e->error_ppm -= e->error_ppm / 8;
	if (error)
		e->error_ppm += PPM / 8;
}

void endpoint_asked(struct endpoint *e, int64_t now)
{
	e->requests++;
	e->asked_ms = now;
}

void endpoint_answered(struct endpoint *e, int64_t took_us)
{
	e->failures = e->malformed = 0;
	e->rest_until_ms = 0;
	average(e, false);
	e->latency_us = e->latency_us < 0 ? took_us :
		e->latency_us + (took_us - e->latency_us) / 8;
	switch (e->state) {
	case RPC_UNTRIED:
	case RPC_FAILING:
	case RPC_LIMITED:
		e->state = RPC_OK;
		break;
	case RPC_OK:
	case RPC_BEHIND: /* until its head says otherwise */
	case RPC_ASIDE:
	case RPC_WRONG_CHAIN:
		break;
	}
}

static void note_error(struct endpoint *e, const char *why)
{
	e->errors++;
	average(e, true);
	snprintf(e->last_error, sizeof(e->last_error), "%s", why);
}

/* base, doubled for each failure in a row before this one. */
static int64_t doubled(int64_t base, unsigned failures, int64_t max)
{
	unsigned times = failures > 1 ? failures - 1 : 0;

	if (times > 20 || base << times > max)
		return max;
	return base << times;
}

/* What was put aside stays there, whatever else it does. */
static bool is_out(const struct endpoint *e)
{
	return e->state == RPC_ASIDE || e->state == RPC_WRONG_CHAIN;
}

static void rest(struct endpoint *e, int64_t until, enum rpc_state state)
{
	if (until > e->rest_until_ms)
		e->rest_until_ms = until;
	if (!is_out(e))
		e->state = state;
}

void endpoint_failed(struct endpoint *e, int64_t now, const char *why)
{
	note_error(e, why);
	e->failures++;
	rest(e, now + doubled(REST_MIN_MS, e->failures, REST_MAX_MS),
		RPC_FAILING);
}

void endpoint_limited(struct endpoint *e, int64_t now, int64_t retry_after_ms,
	bool others, const char *why)
{
	int64_t most = others ? LIMITED_MAX_MS : LIMITED_ALONE_MAX_MS;
	int64_t ms;

	note_error(e, why);
	e->failures++;
	ms = doubled(LIMITED_MIN_MS, e->failures, REST_MAX_MS);
	if (retry_after_ms > ms)
		ms = retry_after_ms;
	if (ms > most)
		ms = most;
	rest(e, now + ms, RPC_LIMITED);
}

void endpoint_malformed(struct endpoint *e, int64_t now, bool others,
	const char *why)
{
	e->malformed++;
	if (others && e->malformed >= MALFORMED_MAX)
		endpoint_put_aside(e, now, why);
	else
		endpoint_failed(e, now, why);
}

void endpoint_wrong_chain(struct endpoint *e, int64_t now, uint64_t is,
	uint64_t want)
{
	char why[ENDPOINT_ERROR];

	snprintf(why, sizeof(why), "is on chain %" PRIu64 ", not %" PRIu64, is,
		want);
	note_error(e, why);
	e->state = RPC_WRONG_CHAIN;
	e->chain_known = false;
	e->rest_until_ms = now + WRONG_CHAIN_MS;
}

void endpoint_put_aside(struct endpoint *e, int64_t now, const char *why)
{
	note_error(e, why);
	e->state = RPC_ASIDE;
	e->chain_known = false;
	e->rest_until_ms = now + ASIDE_MS;
	e->head = (struct l2_block){ 0 };
	e->head_seen_ms = -1;
}

void endpoint_on_chain(struct endpoint *e, int64_t now)
{
	e->chain_known = true;
	e->chain_asked_ms = now;
	if (e->state == RPC_WRONG_CHAIN)
		e->state = RPC_UNTRIED;
}

/* --- choosing --- */

static int64_t best_latency(const struct endpoint *e, size_t n)
{
	int64_t best = -1;

	for (size_t i = 0; i < n; i++) {
		if (e[i].state == RPC_OK && e[i].latency_us >= 0 &&
			(best < 0 || e[i].latency_us < best))
			best = e[i].latency_us;
	}
	return best;
}

static bool is_poor(const struct endpoint *e, int64_t best)
{
	return e->error_ppm > POOR_PPM ||
		(best >= 0 && e->latency_us > best * SLOW_TIMES + SLOW_US);
}

/* Lower is better; among equals the order of the list decides. */
static int rank(const struct endpoint *e, int64_t best)
{
	switch (e->state) {
	case RPC_OK:
		return is_poor(e, best) ? 2 : 0;
	case RPC_UNTRIED:
		return 1;
	case RPC_FAILING:
	case RPC_LIMITED:
		return 3;
	case RPC_BEHIND:
		return 4;
	case RPC_ASIDE:
	case RPC_WRONG_CHAIN:
		return 5; /* its chain and its head are asked first */
	}
	assert(!"no such state");
	return 6;
}

int endpoint_pick(const struct endpoint *e, size_t n, int64_t now,
	uint64_t tried)
{
	int64_t best = best_latency(e, n);
	int found = -1;

	for (size_t i = 0; i < n; i++) {
		if (tried >> i & 1 || e[i].rest_until_ms > now)
			continue;
		if (found < 0 || rank(&e[i], best) < rank(&e[found], best))
			found = (int)i;
	}
	return found;
}

int64_t endpoint_rest(const struct endpoint *e, size_t n, int64_t now)
{
	int64_t least = INT64_MAX;

	for (size_t i = 0; i < n; i++) {
		int64_t left = e[i].rest_until_ms - now;

		if (left < least)
			least = left;
	}
	return least > 0 ? least : 0;
}

/* --- heads --- */

static bool far_apart(struct l2_block a, struct l2_block b)
{
	return a.v > b.v ? a.v - b.v > FAR_BLOCKS : b.v - a.v > FAR_BLOCKS;
}

void endpoint_note_head(struct endpoint *e, const struct block_header *h,
	int64_t now)
{
	e->jumped = e->head.v && far_apart(e->head, h->number);
	e->went_back = e->jumped && h->number.v < e->head.v;
	if (e->head.v != h->number.v || e->advanced_ms < 0)
		e->advanced_ms = now;
	e->head = h->number;
	e->head_time_ms = h->time_ms;
	e->head_seen_ms = now;
}

/* One that is behind was judged already: it would be against all others. */
static bool is_witness(const struct endpoint *e, int64_t now)
{
	return e->head_seen_ms >= 0 && now - e->head_seen_ms <= FRESH_MS &&
		!is_out(e) && e->state != RPC_BEHIND;
}

struct witnesses {
	size_t with, against;
	bool against_jumped; /* all of those */
	bool earlier;	     /* one of those stands before it in the list */
	struct l2_block highest;
	int64_t newest_ms;   /* the newest head of the larger party */
};

static struct witnesses hear(const struct endpoint *e, size_t n, size_t self,
	int64_t now)
{
	struct witnesses w = { .against_jumped = true };
	int64_t newest_with = 0, newest_against = 0;

	for (size_t i = 0; i < n; i++) {
		bool against = far_apart(e[i].head, e[self].head);
		int64_t *newest = against ? &newest_against : &newest_with;

		if (i == self || !is_witness(&e[i], now))
			continue;
		w.with += !against;
		w.against += against;
		w.earlier |= against && i < self;
		w.against_jumped &= !against || e[i].jumped;
		if (e[i].head.v > w.highest.v)
			w.highest = e[i].head;
		if (e[i].head_time_ms > *newest)
			*newest = e[i].head_time_ms;
	}
	w.newest_ms = w.against > w.with ? newest_against : newest_with;
	return w;
}

/* One against one: the one that jumped is wrong; else the one whose head is
 * further from now; else the one further down the list. */
static bool loses_duel(const struct endpoint *e, const struct witnesses *w,
	int64_t wall_ms)
{
	int64_t ours = llabs(wall_ms - e->head_time_ms);
	int64_t theirs = llabs(wall_ms - w->newest_ms);

	if (e->jumped != w->against_jumped)
		return e->jumped;
	if (ours > theirs + FUTURE_MS || theirs > ours + FUTURE_MS)
		return ours > theirs;
	return w->earlier;
}

/* A node that syncs is far behind the others and honest all the same. */
static bool contradicts(const struct endpoint *e, const struct witnesses *w,
	int64_t wall_ms)
{
	if (w->against <= w->with)
		return false;
	if (e->head.v > w->highest.v)
		return w->against > 1 || loses_duel(e, w, wall_ms);
	return e->went_back;
}

static bool is_behind(const struct endpoint *e, const struct witnesses *w,
	int64_t wall_ms)
{
	int64_t newest = w->newest_ms < wall_ms ? w->newest_ms : wall_ms;

	return e->head.v < w->highest.v && newest - e->head_time_ms > BEHIND_MS;
}

enum head_verdict endpoint_judge(struct endpoint *e, size_t n, size_t i,
	int64_t now, int64_t wall_ms, bool others_asked)
{
	struct witnesses w = hear(e, n, i, now);
	char why[ENDPOINT_ERROR];

	/* Alone, an endpoint is believed: there is nothing else. */
	if (n > 1 && !others_asked &&
		(w.against || (e[i].jumped && !w.with)))
		return HEAD_ASK_OTHERS;
	if (contradicts(&e[i], &w, wall_ms)) {
		snprintf(why, sizeof(why), "says its head is block %" PRId64
			", others are at %" PRId64, e[i].head.v, w.highest.v);
		endpoint_put_aside(&e[i], now, why);
		return HEAD_CONTRADICTS;
	}
	if (is_behind(&e[i], &w, wall_ms)) {
		e[i].state = RPC_BEHIND;
		snprintf(e[i].last_error, sizeof(e[i].last_error),
			"is %" PRId64 " blocks behind",
			w.highest.v - e[i].head.v);
		return HEAD_BEHIND;
	}
	e[i].state = RPC_OK;
	return HEAD_BELIEVED;
}
