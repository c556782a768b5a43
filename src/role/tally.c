#include "src/role/tally.h"

#include <stdlib.h>
#include <string.h>

#define SMOOTHING 0.3
#define BITRATE_WINDOW_MS 10000

void tally_init(struct tally *t, struct totals *sum, int64_t now_ms)
{
	*t = (struct tally){
		.sum = sum, .started_ms = now_ms, .last_ms = now_ms,
		.ratio = -1};
	if (sum)
		sum->sessions++;
}

void tally_clear(struct tally *t)
{
	if (t->sum) {
		t->sum->sessions--;
		t->sum->in_flight -= t->in_flight;
	}
	for (size_t i = 0; i < TALLY_RECENT; i++)
		free(t->recent[i].detail);
	free(t->last_error);
	memset(t, 0, sizeof(*t));
}

void tally_in(struct tally *t, int64_t now_ms, int64_t duration_ms,
	int64_t bytes)
{
	t->in++;
	t->in_flight++;
	if (t->sum)
		t->sum->in_flight++;
	t->last_ms = now_ms;
	if (t->source_ms > BITRATE_WINDOW_MS) {
		t->source_ms /= 2;
		t->source_bytes /= 2;
	}
	t->source_ms += duration_ms;
	t->source_bytes += bytes;
}

static void record(struct tally *t, const struct tally_entry *e)
{
	struct tally_entry *slot = &t->recent[t->recent_n++ % TALLY_RECENT];

	free(slot->detail);
	*slot = *e;
}

static void finish(struct tally *t, int64_t now_ms)
{
	t->last_ms = now_ms;
	if (!t->in_flight)
		return;
	t->in_flight--;
	if (t->sum)
		t->sum->in_flight--;
}

static void note_error(struct tally *t, int64_t now_ms, const char *error)
{
	free(t->last_error);
	t->last_error = xstrdup(error);
	t->last_error_ms = now_ms;
}

void tally_out(struct tally *t, int64_t now_ms, int64_t seq,
	int64_t duration_ms, int64_t latency_ms, int64_t bytes,
	const char *detail)
{
	struct tally_entry e = {seq, now_ms, duration_ms, latency_ms, bytes,
		"ok", xstrdup(detail)};
	double ratio = duration_ms > 0
		? (double)latency_ms / (double)duration_ms : 0;

	finish(t, now_ms);
	t->out++;
	if (t->sum) {
		t->sum->ok++;
		t->sum->media_ms += duration_ms;
		t->sum->busy_ms += latency_ms;
	}
	t->ratio = t->ratio < 0
		? ratio : t->ratio + SMOOTHING * (ratio - t->ratio);
	record(t, &e);
}

void tally_failed(struct tally *t, int64_t now_ms, int64_t seq,
	int64_t duration_ms, int64_t latency_ms, const char *error)
{
	struct tally_entry e = {seq, now_ms, duration_ms, latency_ms, 0,
		"failed", xstrdup(error)};

	finish(t, now_ms);
	t->failed++;
	if (t->sum)
		t->sum->failed++;
	note_error(t, now_ms, error);
	record(t, &e);
}

void tally_retry(struct tally *t, int64_t now_ms, const char *error)
{
	t->retried++;
	note_error(t, now_ms, error);
}

static int compare_ms(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void add_recent(const struct tally *t, struct session_row *row)
{
	size_t n = t->recent_n < TALLY_RECENT ? t->recent_n : TALLY_RECENT;
	int64_t latency[TALLY_RECENT];
	size_t ok = 0;

	for (size_t i = t->recent_n - n; i < t->recent_n; i++) {
		const struct tally_entry *e = &t->recent[i % TALLY_RECENT];
		struct attempt *a = VIEW_ADD(&row->recent);

		a->seq = e->seq;
		a->at_ms = e->at_ms;
		a->duration_ms = e->duration_ms;
		a->latency_ms = e->latency_ms;
		a->bytes = e->bytes;
		view_set(&a->outcome, e->outcome);
		view_set(&a->detail, e->detail);
		if (!strcmp(e->outcome, "ok"))
			latency[ok++] = e->latency_ms;
	}
	if (!ok)
		return;
	qsort(latency, ok, sizeof(latency[0]), compare_ms);
	row->latency_ms = latency[ok / 2];
	row->latency_p99_ms = latency[ok - 1];
}

void tally_row(const struct tally *t, struct session_row *row)
{
	row->started_ms = t->started_ms;
	row->last_ms = t->last_ms;
	row->segments_in = t->in;
	row->segments_out = t->out;
	row->segments_failed = t->failed;
	row->segments_retried = t->retried;
	row->in_flight = t->in_flight;
	row->realtime_ratio = t->ratio;
	if (t->source_ms > 0)
		row->source_bitrate = t->source_bytes * 8000 / t->source_ms;
	view_set(&row->last_error, t->last_error);
	row->last_error_ms = t->last_error_ms;
	add_recent(t, row);
}
