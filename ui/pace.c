#include "ui/pace.h"

#include <string.h>

#define QUEUE_LOW_MS 100   /* less than that of waiting: the window may grow */
#define QUEUE_GOAL_MS 300
#define QUEUE_HIGH_MS 450  /* more: it must shrink */
#define GIVE_UP_MS 3000	   /* and a second for each SLOWEST bytes */
#define SLOWEST 240
#define REST_MAX_MS 5000
#define FIRST_PIECES 4	   /* before anything is known of the line */

void pace_init(struct pace *p, bool asks, int64_t now)
{
	*p = (struct pace){
		.window = 2048,
		.rtt = -1,
		.opened = now,
		.terminal = asks ? PACE_UNKNOWN : PACE_SILENT,
	};
}

bool pace_asks(const struct pace *p)
{
	return p->terminal != PACE_SILENT && p->pieces < PACE_PIECES;
}

void pace_sent(struct pace *p, size_t bytes, int64_t now)
{
	if (!pace_asks(p))
		return;
	if (!p->pieces)
		p->busy_since = now;
	p->under_way += bytes;
	p->piece[p->pieces].at = now;
	p->piece[p->pieces].bytes = bytes;
	p->piece[p->pieces].ahead = p->under_way;
	p->pieces++;
}

/* Rests as long as it was busy, so that half of the line is free for keys. */
static void come_to_rest(struct pace *p, int64_t now)
{
	int64_t busy = now - p->busy_since;

	if (p->pieces)
		return;
	p->under_way = 0;
	p->rest_until = now + (busy < REST_MAX_MS ? busy : REST_MAX_MS);
}

static void fit_window(struct pace *p, size_t ahead, int64_t queue)
{
	if (queue < QUEUE_LOW_MS && ahead * 2 >= p->window)
		p->window *= 2;
	else if (queue > QUEUE_HIGH_MS)
		p->window = ahead * QUEUE_GOAL_MS / (size_t)queue;
	p->window = p->window < PACE_LEAST ? PACE_LEAST
		: p->window > PACE_MOST ? PACE_MOST : p->window;
}

void pace_answered(struct pace *p, int64_t now)
{
	int64_t took;
	size_t ahead;

	p->terminal = PACE_ANSWERS;
	if (!p->pieces)
		return;
	took = now - p->piece[0].at;
	ahead = p->piece[0].ahead;
	p->under_way -= p->piece[0].bytes;
	memmove(p->piece, p->piece + 1, --p->pieces * sizeof(p->piece[0]));
	/* A line may become longer: the least is forgotten slowly. */
	if (p->rtt < 0 || took < p->rtt)
		p->rtt = took;
	else
		p->rtt += (took - p->rtt) / 64;
	fit_window(p, ahead, took - p->rtt);
	come_to_rest(p, now);
}

static int64_t due(const struct pace *p)
{
	if (p->terminal == PACE_UNKNOWN)
		return p->opened + PACE_SILENCE_MS;
	if (!p->pieces)
		return INT64_MAX;
	return p->piece[0].at + GIVE_UP_MS +
		(int64_t)(p->piece[0].ahead * 1000 / SLOWEST);
}

void pace_tick(struct pace *p, int64_t now)
{
	if (p->terminal == PACE_SILENT || now < due(p))
		return;
	if (p->terminal == PACE_UNKNOWN)
		p->terminal = PACE_SILENT;
	p->pieces = 0;
	come_to_rest(p, now);
}

size_t pace_room(const struct pace *p)
{
	if (p->terminal != PACE_ANSWERS)
		return SIZE_MAX;
	if (p->pieces == PACE_PIECES || p->under_way >= p->window)
		return 0;
	return p->window - p->under_way;
}

bool pace_is_idle(const struct pace *p, int64_t now)
{
	switch (p->terminal) {
	case PACE_UNKNOWN:
		return p->pieces < FIRST_PIECES;
	case PACE_ANSWERS:
		return !p->pieces && now >= p->rest_until;
	case PACE_SILENT:
		break;
	}
	return true;
}

int64_t pace_next(const struct pace *p, int64_t now)
{
	if (p->terminal == PACE_SILENT)
		return INT64_MAX;
	if (!p->pieces && now < p->rest_until)
		return p->rest_until;
	return due(p);
}
