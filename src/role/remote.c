#include "src/role/remote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SMOOTHING 0.3

struct remote *remotes_add(struct remotes *r, const struct register_request *q,
	uint64_t exchange, const char *address, int64_t now_ms)
{
	struct remote *t = XNEW(struct remote);

	snprintf(t->id, sizeof(t->id), "t%u", ++r->named);
	snprintf(t->address, sizeof(t->address), "%s", address);
	t->exchange = exchange;
	t->caps = q->caps;
	t->capacity = q->capacity;
	t->since_ms = now_ms;
	t->speed = -1;
	t->next = r->list;
	r->list = t;
	return t;
}

void remotes_remove(struct remotes *r, struct remote *t)
{
	struct remote **at = &r->list;

	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	free(t->last_error);
	free(t);
}

void remotes_clear(struct remotes *r)
{
	while (r->list)
		remotes_remove(r, r->list);
}

struct remote *remotes_by_exchange(const struct remotes *r, uint64_t exchange)
{
	struct remote *t = r->list;

	while (t && t->exchange != exchange)
		t = t->next;
	return t;
}

struct remote *remotes_by_id(const struct remotes *r, const char *id)
{
	struct remote *t = r->list;

	while (t && strcmp(t->id, id))
		t = t->next;
	return t;
}

int64_t remotes_capacity(const struct remotes *r)
{
	int64_t sum = 0;

	for (const struct remote *t = r->list; t; t = t->next)
		sum += t->capacity;
	return sum;
}

/* a.load / a.capacity < b.load / b.capacity, capacities being positive. */
static bool is_less_loaded(const struct remote *a, const struct remote *b)
{
	return a->load * b->capacity < b->load * a->capacity;
}

struct remote *remotes_pick(const struct remotes *r, const struct caps *job,
	const struct remote *except, bool *any)
{
	struct remote *best = NULL;

	*any = false;
	for (struct remote *t = r->list; t; t = t->next) {
		if (t == except || !caps_covers(job, &t->caps))
			continue;
		*any = true;
		if (t->draining || t->load >= t->capacity)
			continue;
		if (!best || is_less_loaded(t, best))
			best = t;
	}
	return best;
}

void remote_note(struct remote *t, int64_t now_ms, const char *error)
{
	free(t->last_error);
	t->last_error = xstrdup(error);
	t->last_error_ms = now_ms;
	t->failed++;
}

void remote_done(struct remote *t, int64_t media_ms, int64_t wall_ms,
	int64_t pixels)
{
	double speed = (double)media_ms / (double)(wall_ms > 0 ? wall_ms : 1);

	t->segments++;
	t->pixels += pixels;
	t->speed = t->speed < 0
		? speed : t->speed + SMOOTHING * (speed - t->speed);
}

void remote_row(const struct remote *t, struct transcoder_row *row)
{
	view_set(&row->id, t->id);
	view_set(&row->kind, "remote");
	view_set(&row->address, t->address);
	view_set(&row->version, t->caps.version);
	view_set(&row->state, t->draining
		? (t->load ? "draining" : "drained")
		: t->load ? "busy" : "idle");
	view_set(&row->current, t->current);
	view_set(&row->last_error, t->last_error);
	row->draining = t->draining;
	row->capacity = t->capacity;
	row->load = t->load;
	row->since_ms = t->since_ms;
	row->segments = t->segments;
	row->failed = t->failed;
	row->pixels = t->pixels;
	row->speed = t->speed;
	row->utilisation = -1;
	row->cpu = -1;
	row->last_error_ms = t->last_error_ms;
}
