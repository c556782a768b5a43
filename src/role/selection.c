#include "src/role/selection.h"

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
	int64_t latency_ms)
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

/* The fastest known session if it is fast or nothing is untried, else the
 * untried one that answered discovery first. */
static struct orch_session *select_new(struct selection *s)
{
	struct orch_session *known = NULL, *untried = NULL;

	for (struct orch_session *o = s->sessions; o; o = o->next) {
		if (!o->in_selector)
			continue;
		if (o->latency_score > 0) {
			if (!known || o->latency_score < known->latency_score)
				known = o;
		} else if (!untried || o->initial_latency_ms <
				untried->initial_latency_ms) {
			untried = o;
		}
	}
	if (known && (!untried || known->latency_score <= LATENCY_SCORE_GOOD))
		return known;
	return untried;
}

struct orch_session *selection_pick(struct selection *s, int64_t now_ms)
{
	struct orch_session *o = NULL;

	if (s->last && is_reusable(s->last, now_ms, 1))
		o = s->last;
	if (!o)
		o = select_new(s);
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
