#include "src/base/clock.h"
#include "src/media/pool_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FPS_UNKNOWN 30 /* go-livepeer's guess for pass-through */
#define SLOW_START_MS 2000 /* as a rule it is a tenth of that */

static int64_t ladder_cost(const struct ladder *l)
{
	int64_t cost = 0;

	for (size_t i = 0; i < l->n; i++) {
		const struct rendition *r = &l->r[i];
		int64_t den = r->fps_den ? r->fps_den : 1;
		int64_t fps = r->fps ? r->fps / den : FPS_UNKNOWN;

		cost += (int64_t)r->width * r->height * (fps ? fps : 1);
	}
	return cost;
}

/* One that does not start, or takes its time, serves nobody, if others do. */
static bool is_doubtful(const struct child *c)
{
	return c->bad_starts || (c->state == CHILD_STARTING &&
		clock_wall_ms() - c->since_ms > SLOW_START_MS);
}

static struct child *least_loaded(struct pool *p)
{
	struct child *best = NULL;

	for (size_t i = 0; i < p->children_n; i++) {
		struct child *c = &p->children[i];

		if (c->draining)
			continue;
		if (!best || (is_doubtful(best) && !is_doubtful(c)) ||
			(is_doubtful(best) == is_doubtful(c) &&
				c->cost < best->cost))
			best = c;
	}
	return best;
}

static struct session *session_new(struct pool *p,
	const struct transcode_job *t)
{
	struct child *c = HASH_COUNT(p->sessions) < p->o.capacity ?
		least_loaded(p) : NULL;
	struct session *s;

	if (!c)
		return NULL;
	s = XNEW(struct session);
	snprintf(s->id, sizeof(s->id), "%s", t->session);
	s->child = c;
	s->cost = ladder_cost(&t->ladder);
	STAILQ_INIT(&s->waiting);
	HASH_ADD_STR(p->sessions, id, s);
	c->sessions_n++;
	c->cost += s->cost;
	log_debug(p->log, "session %s: on %s", s->id, c->name);
	return s;
}

static void session_free(struct pool *p, struct session *s)
{
	s->child->sessions_n--;
	s->child->cost -= s->cost;
	child_end_session(s->child, s->id);
	HASH_DEL(p->sessions, s);
	free(s);
	pool_touch(p);
}

void pool_session_submit(struct pool *p, struct job *taken)
{
	struct session *s;

	HASH_FIND_STR(p->sessions, taken->transcode->session, s);
	if (!s)
		s = session_new(p, taken->transcode);
	if (!s) {
		job_finish(taken, err_new(ERR_BUSY, "no capacity"), NULL);
		return;
	}
	s->ended = false;
	s->last_ms = clock_mono_ms();
	if (s->waiting_n == SESSION_WAITING_MAX) {
		job_finish(taken, err_new(ERR_BUSY, "TranscoderBusy"), NULL);
		return;
	}
	taken->session = s;
	STAILQ_INSERT_TAIL(&s->waiting, taken, link);
	s->waiting_n++;
	child_next(s->child);
	pool_touch(p);
}

static struct job *take_first(struct session *s)
{
	struct job *j = STAILQ_FIRST(&s->waiting);

	STAILQ_REMOVE_HEAD(&s->waiting, link);
	s->waiting_n--;
	return j;
}

static void drop_waiting(struct session *s, enum err_kind kind,
	const char *why)
{
	while (s->waiting_n)
		job_finish(take_first(s),
			err_new(kind, "session %s: %s", s->id, why), NULL);
}

void pool_session_end(struct pool *p, struct session *s)
{
	drop_waiting(s, ERR_CANCELLED, "ended");
	s->ended = true;
	if (!s->running)
		session_free(p, s);
}

void session_job_done(struct child *c, struct session *s)
{
	s->running = false;
	s->last_ms = clock_mono_ms();
	if (s->ended)
		session_free(c->pool, s);
	child_next(c);
}

static struct job *next_probe(struct child *c)
{
	struct job *j = STAILQ_FIRST(&c->probes);

	if (!j)
		return NULL;
	STAILQ_REMOVE_HEAD(&c->probes, link);
	c->probes_n--;
	return j;
}

void child_next(struct child *c)
{
	struct session *s, *tmp, *best = NULL;
	struct job *j = NULL;

	if (c->state != CHILD_IDLE)
		return;
	if (c->prober) {
		j = next_probe(c);
	} else {
		HASH_ITER (hh, c->pool->sessions, s, tmp) {
			if (s->child != c || !s->waiting_n)
				continue;
			if (!best || STAILQ_FIRST(&s->waiting)->queued_ms <
					STAILQ_FIRST(&best->waiting)->queued_ms)
				best = s;
		}
		if (best) {
			j = take_first(best);
			best->running = true;
		}
	}
	if (j)
		child_give(c, j);
}

/* A segment that has waited its whole time is late for the viewers too. */
static void expire(struct session *s, int64_t now_ms)
{
	struct job *j;

	while ((j = STAILQ_FIRST(&s->waiting)) &&
		now_ms - j->queued_ms > j->timeout_ms) {
		take_first(s);
		job_finish(j,
			err_new(ERR_TIMEOUT,
				"session %s: not begun within %u ms on worker %s",
				s->id, j->timeout_ms, s->child->name),
			NULL);
	}
}

void sessions_tick(struct pool *p)
{
	int64_t now_ms = clock_mono_ms();
	struct session *s, *tmp;

	HASH_ITER (hh, p->sessions, s, tmp) {
		expire(s, now_ms);
		if (!s->running && !s->waiting_n &&
			now_ms - s->last_ms >= SESSION_IDLE_MS)
			pool_session_end(p, s);
	}
}

void sessions_stop(struct pool *p)
{
	struct session *s, *tmp;

	HASH_ITER (hh, p->sessions, s, tmp) {
		drop_waiting(s, ERR_CANCELLED, "the node is stopping");
		session_free(p, s);
	}
}
