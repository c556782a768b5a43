#include "src/role/selection.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REFRESH_THRESHOLD_MAX 8
#define SHORT_SEGMENT_MS 1000
#define SHORT_SEGMENT_FLOOR_MS 1500

void selection_init(struct selection *s, int pool_size, int num_orchs)
{
	*s = (struct selection){
		.pool_size = pool_size, .num_orchs = num_orchs};
}

void orch_session_put(struct orch_session *o)
{
	if (o && !--o->refs)
		free(o);
}

static void unlink_session(struct selection *s, struct orch_session *o)
{
	struct orch_session **at = &s->sessions;

	if (o->removed)
		return;
	while (*at != o)
		at = &(*at)->next;
	*at = o->next;
	o->removed = true;
	o->in_selector = false;
	orch_session_put(o);
}

void selection_clear(struct selection *s)
{
	s->last = NULL;
	while (s->sessions)
		unlink_session(s, s->sessions);
	free(s->suspended);
	s->suspended = NULL;
	s->suspended_n = 0;
}

static int selector_size(const struct selection *s)
{
	int n = 0;

	for (const struct orch_session *o = s->sessions; o; o = o->next)
		n += o->in_selector;
	return n;
}

bool selection_wants_refresh(const struct selection *s)
{
	int threshold = (s->num_orchs + 1) / 2;

	if (threshold > REFRESH_THRESHOLD_MAX)
		threshold = REFRESH_THRESHOLD_MAX;
	return s->pool_size > 0 && !s->refreshing &&
		selector_size(s) < threshold;
}

void selection_refresh_begin(struct selection *s)
{
	s->refreshing = true;
	s->refreshes++;
}

void selection_refresh_end(struct selection *s)
{
	s->refreshing = false;
}

void selection_add(struct selection *s, const struct orchestrator_info *info,
	int64_t latency_ms, double stake)
{
	struct orch_session **at = &s->sessions, *o;

	for (; *at; at = &(*at)->next) {
		if (!strcmp((*at)->uri, info->transcoder))
			return;
	}
	o = XNEW(struct orch_session);
	o->info = *info;
	memcpy(o->uri, info->transcoder, sizeof(o->uri));
	o->initial_latency_ms = latency_ms;
	o->stake = stake;
	if (!orchestrator_price(&o->first_price, info))
		o->first_price = PRICE_FREE;
	o->in_selector = true;
	o->refs = 1;
	*at = o;
}

/* May the session that was used last get another segment? It may when it is
 * idle and was fast, or when its oldest segment is out for less than
 * `patience` times its duration. */
static bool is_reusable(const struct orch_session *o, int64_t now_ms,
	int patience)
{
	int64_t limit_ms;

	if (!o->in_flight_n)
		return o->latency_score > 0 &&
			o->latency_score <= LATENCY_SCORE_GOOD;
	limit_ms = (int64_t)patience * o->in_flight[0].duration_ms;
	if (limit_ms <= SHORT_SEGMENT_MS)
		limit_ms = SHORT_SEGMENT_FLOOR_MS;
	return now_ms - o->in_flight[0].start_ms < limit_ms;
}

/* --- untried ones --- */

static bool is_untried(const struct orch_session *o)
{
	return o->in_selector && o->latency_score <= 0;
}

static bool is_cheap(const struct selection_rule *r, const struct orch_session *o)
{
	struct price p;

	return orchestrator_price(&p, &o->info) &&
	       (price_is_free(r->max_price) || price_cmp(p, r->max_price) <= 0);
}

/* Those within the highest price; when there is none and that may be, all. */
static bool is_choice(const struct selection *s, const struct orch_session *o, bool any_price)
{
	return is_untried(o) && (!s->rule || any_price || is_cheap(s->rule, o));
}

static bool has_choice(const struct selection *s)
{
	for (const struct orch_session *o = s->sessions; o; o = o->next) {
		if (is_choice(s, o, false))
			return true;
	}
	return false;
}

static double price_share(const struct selection_rule *r, const struct orch_session *o)
{
	struct price p;

	if (!orchestrator_price(&p, &o->info))
		return 0;
	return exp(-u256_to_double(p.per.v) / (double)p.unit.v / /* raw: only a weight */
		r->price_exp);
}

/* How many sessions its orchestrator has among the choices: they share. */
static double siblings(const struct selection *s, const struct orch_session *o,
	bool any_price)
{
	double n = 0;

	for (const struct orch_session *x = s->sessions; x; x = x->next)
		n += is_choice(s, x, any_price) &&
			addr_eq(x->info.params.recipient, o->info.params.recipient);
	return n;
}

struct shares { /* sums over all choices */
	double stake, price, heads;
};

static struct shares sum_shares(const struct selection *s, bool any_price)
{
	struct shares sum = { 0 };

	for (const struct orch_session *o = s->sessions; o; o = o->next) {
		double n;

		if (!is_choice(s, o, any_price))
			continue;
		n = siblings(s, o, any_price);
		sum.stake += o->stake / n;
		sum.price += price_share(s->rule, o) / n;
		sum.heads += 1 / n;
	}
	return sum;
}

/* selection_algorithm.go calculateProbabilities() and selectBy(). */
static struct orch_session *draw_one(const struct selection *s, const struct shares *sum,
	bool any_price, double draw)
{
	const struct selection_rule *r = s->rule;
	struct orch_session *last = NULL;
	double reached = 0;

	for (struct orch_session *o = s->sessions; o; o = o->next) {
		double n;

		if (!is_choice(s, o, any_price))
			continue;
		n = siblings(s, o, any_price);
		reached += r->stake_weight * o->stake / n / sum->stake +
			r->price_weight * (sum->price > 0
				? price_share(r, o) / n / sum->price : 1) +
			r->random_weight / n / sum->heads;
		last = o;
		if (draw <= reached)
			break;
	}
	return last;
}

static struct orch_session *first_to_answer(const struct selection *s, bool any_price)
{
	struct orch_session *first = NULL;

	for (struct orch_session *o = s->sessions; o; o = o->next) {
		if (is_choice(s, o, any_price) &&
			(!first || o->initial_latency_ms < first->initial_latency_ms))
			first = o;
	}
	return first;
}

static struct orch_session *select_untried(const struct selection *s, double draw)
{
	bool any_price = s->rule && s->rule->ignore_max_price && !has_choice(s);
	struct shares sum = { 0 };

	if (s->rule)
		sum = sum_shares(s, any_price);
	return sum.stake > 0 ? draw_one(s, &sum, any_price, draw)
			     : first_to_answer(s, any_price);
}

/* The fastest known session if it is fast or nothing is untried, else one that
 * is. */
static struct orch_session *select_new(const struct selection *s, double draw)
{
	struct orch_session *known = NULL, *untried;

	for (struct orch_session *o = s->sessions; o; o = o->next) {
		if (o->in_selector && o->latency_score > 0 &&
			(!known || o->latency_score < known->latency_score))
			known = o;
	}
	if (known && known->latency_score <= LATENCY_SCORE_GOOD)
		return known;
	untried = select_untried(s, draw);
	return untried ? untried : known;
}

struct orch_session *selection_pick(struct selection *s, int64_t now_ms, double draw)
{
	struct orch_session *o = NULL;

	if (s->last && is_reusable(s->last, now_ms, 1))
		o = s->last;
	if (!o)
		o = select_new(s, draw);
	if (!o && s->last && is_reusable(s->last, now_ms, 2))
		o = s->last;
	if (s->last && o != s->last)
		s->swaps++;
	s->last = o;
	if (!o)
		return NULL;
	o->in_selector = false;
	o->refs++;
	return o;
}

void selection_sent(struct orch_session *o, int64_t now_ms, int32_t duration_ms)
{
	if (o->in_flight_n == IN_FLIGHT_MAX)
		return;
	o->in_flight[o->in_flight_n].start_ms = now_ms;
	o->in_flight[o->in_flight_n].duration_ms = duration_ms;
	o->in_flight_n++;
}

/* One segment less in flight; the last one back returns the session to the
 * selector unless it is so good that it stays the one used last. */
static void complete(struct selection *s, struct orch_session *o)
{
	if (o->in_flight_n) {
		o->in_flight_n--;
		memmove(&o->in_flight[0], &o->in_flight[1],
			o->in_flight_n * sizeof(o->in_flight[0]));
	}
	if (o->removed || o->in_flight_n)
		return;
	if (o == s->last && o->latency_score > 0 &&
		o->latency_score <= LATENCY_SCORE_GOOD)
		return;
	o->in_selector = true;
}

void selection_succeeded(struct selection *s, struct orch_session *o,
	int64_t wall_ms, int32_t duration_ms)
{
	double unit_ms = duration_ms < 1500 ? 1500 : duration_ms;

	/* 0 means unknown, so the fastest possible answer is not 0. */
	o->latency_score = (wall_ms > 0 ? (double)wall_ms : 0.5) / unit_ms;
	complete(s, o);
}

void selection_kept(struct selection *s, struct orch_session *o)
{
	complete(s, o);
}

static struct suspension *find_suspension(struct selection *s, const char *uri)
{
	for (size_t i = 0; i < s->suspended_n; i++) {
		if (!strcmp(s->suspended[i].uri, uri))
			return &s->suspended[i];
	}
	return NULL;
}

void selection_failed(struct selection *s, struct orch_session *o)
{
	int orchs = s->num_orchs > 1 ? s->num_orchs : 1;
	int pool = s->pool_size > 1 ? s->pool_size : 1;
	struct suspension *u = find_suspension(s, o->uri);

	if (o->removed)
		return;
	if (!u) {
		s->suspended = xrealloc_array(s->suspended, s->suspended_n + 1,
			sizeof(*s->suspended));
		u = &s->suspended[s->suspended_n++];
		memcpy(u->uri, o->uri, sizeof(u->uri));
		u->until = 0;
	}
	u->until += (pool + orchs - 1) / orchs;
	if (s->last == o) {
		s->last = NULL;
		s->swaps++;
	}
	unlink_session(s, o);
}

int selection_suspended(struct selection *s, const char *uri)
{
	struct suspension *u = find_suspension(s, uri);

	if (!u)
		return 0;
	if (u->until >= s->refreshes)
		return u->until;
	*u = s->suspended[--s->suspended_n];
	return 0;
}
