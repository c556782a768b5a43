#include "src/model/trend.h"

#include <assert.h>
#include <string.h>

static_assert(TREND_COARSE <= TREND_FINE, "a ring holds either");
static_assert(TREND_COARSE_MS % TREND_FINE_MS == 0, "slots fold without a rest");

void sample_add(struct sample *to, const struct sample *more)
{
	to->observed_ms += more->observed_ms;
	to->segments += more->segments;
	to->failed += more->failed;
	to->pixels += more->pixels;
	to->busy_ms += more->busy_ms;
	to->media_ms += more->media_ms;
	to->session_ms += more->session_ms;
	to->cpu_ms += more->cpu_ms;
	to->earned = wei_add_or_max(to->earned, more->earned);
	to->redeemed = wei_add_or_max(to->redeemed, more->redeemed);
	to->gas = wei_add_or_max(to->gas, more->gas);
	to->spent = wei_add_or_max(to->spent, more->spent);
}

size_t trend_slots(enum span s)
{
	return s == SPAN_HOUR ? TREND_FINE : TREND_COARSE;
}

int64_t trend_slot_ms(enum span s)
{
	return s == SPAN_HOUR ? TREND_FINE_MS : TREND_COARSE_MS;
}

static struct sample *at(struct trend_ring *r, enum span s, size_t i)
{
	return &r->v[(r->at + i) % trend_slots(s)];
}

const struct sample *trend_at(const struct trend *t, enum span s, size_t i)
{
	const struct trend_ring *r = &t->ring[s];

	return &r->v[(r->at + i) % trend_slots(s)];
}

static int64_t newest(const struct trend *t, enum span s)
{
	return t->ring[s].n ? trend_at(t, s, t->ring[s].n - 1)->slot : -1;
}

bool trend_put(struct trend *t, enum span s, const struct sample *sample)
{
	struct trend_ring *r = &t->ring[s];

	if (sample->slot <= newest(t, s))
		return false;
	if (r->n == trend_slots(s)) {
		r->at = (r->at + 1) % trend_slots(s);
		r->n--;
	}
	*at(r, s, r->n++) = *sample;
	return true;
}

bool trend_add(struct trend *t, const struct sample *s)
{
	struct trend_ring *day = &t->ring[SPAN_DAY];
	struct sample folded = *s;

	if (!trend_put(t, SPAN_HOUR, s))
		return false;
	folded.slot = s->slot / TREND_FOLD;
	if (!trend_put(t, SPAN_DAY, &folded) && newest(t, SPAN_DAY) == folded.slot)
		sample_add(at(day, SPAN_DAY, day->n - 1), &folded);
	return true;
}

int64_t trend_end(const struct trend *t)
{
	return newest(t, SPAN_HOUR) + 1;
}

/* The day's last slot is the one that now lies in, full or not. */
static int64_t end_of(const struct trend *t, enum span s)
{
	int64_t end = trend_end(t);

	return s == SPAN_HOUR ? end : (end + TREND_FOLD - 1) / TREND_FOLD;
}

void trend_fold(const struct trend *t, enum span s, size_t n, struct sample *out)
{
	size_t slots = trend_slots(s);
	int64_t first = end_of(t, s) - (int64_t)slots;

	assert(n >= 1 && n <= slots);
	memset(out, 0, n * sizeof(*out));
	for (size_t c = 0; c < n; c++)
		out[c].slot = first + (int64_t)((c * slots + n - 1) / n);
	for (size_t i = 0; i < t->ring[s].n; i++) {
		const struct sample *q = trend_at(t, s, i);
		int64_t k = q->slot - first;

		if (k >= 0 && k < (int64_t)slots)
			sample_add(&out[(size_t)k * n / slots], q);
	}
}

struct sample trend_sum(const struct trend *t, enum span s, int64_t from_ms, int64_t to_ms)
{
	int64_t end = end_of(t, s), ms = trend_slot_ms(s);
	struct sample sum = {.slot = end - from_ms / ms};

	for (size_t i = 0; i < t->ring[s].n; i++) {
		const struct sample *q = trend_at(t, s, i);

		if (q->slot >= end - from_ms / ms && q->slot < end - to_ms / ms)
			sample_add(&sum, q);
	}
	return sum;
}
