#ifndef SRC_MODEL_TREND_H
#define SRC_MODEL_TREND_H
/* How busy the node was and what it earned: the last hour in steps of ten
 * seconds and the last day in steps of five minutes. A sample holds sums over
 * its time, never averages, so that adding samples is exact: the day's columns
 * are the hour's, added. A slot without a sample is a time nobody watched (the
 * node was not running), which is not the same as one in which nothing
 * happened. Bounded, no allocation. Pure; one owner, or immutable.
 *
 * Time is a clock of the node's that never jumps (src/node/chronicle): ms, cut
 * into slots; slot n of the hour is [n, n + 1) x TREND_FINE_MS. */
#include "src/model/amount.h"

#define TREND_FINE_MS 10000
#define TREND_FINE 360 /* an hour */
#define TREND_COARSE_MS 300000
#define TREND_COARSE 288 /* a day */
#define TREND_FOLD (TREND_COARSE_MS / TREND_FINE_MS)

enum span { SPAN_HOUR, SPAN_DAY, SPANS };

struct sample {
	int64_t slot;
	int64_t observed_ms; /* of its time; 0: nobody watched */
	int64_t segments, failed, pixels;
	int64_t busy_ms, media_ms; /* work on segments, and how long those play */
	int64_t session_ms; /* sessions x time */
	int64_t cpu_ms;	    /* of all cores together: node and workers */
	struct wei earned;   /* expected value of the tickets received */
	struct wei redeemed; /* paid by the contract */
	struct wei gas;
	struct wei spent; /* expected value of the tickets sent */
};

struct trend_ring {
	size_t at, n; /* the oldest, how many */
	struct sample v[TREND_FINE];
};

struct trend { /* all zero: empty */
	struct trend_ring ring[SPANS];
};

/* `to` keeps its slot. */
void sample_add(struct sample *to, const struct sample *more);

size_t trend_slots(enum span s);     /* 360, 288 */
int64_t trend_slot_ms(enum span s);
/* Takes a sample of ten seconds, and adds it to its five minutes. One that is
 * not newer than the newest is dropped: false. */
bool trend_add(struct trend *t, const struct sample *s);
/* Puts one at the end of a span alone, as read from a copy; false as above. */
bool trend_put(struct trend *t, enum span s, const struct sample *sample);
/* i from 0, oldest, to ring[s].n - 1. */
const struct sample *trend_at(const struct trend *t, enum span s, size_t i);
/* Slot after the newest of ten seconds: "now" for who reads; 0 when empty. */
int64_t trend_end(const struct trend *t);
/* The whole span that ends now as n columns, oldest first, 1 <= n <= slots:
 * each the sum of its slots. Sums over all columns and over all slots of the
 * span are the same. */
void trend_fold(const struct trend *t, enum span s, size_t n, struct sample *out);
/* The sum of [from, to) ms before now; whole slots. */
struct sample trend_sum(const struct trend *t, enum span s, int64_t from_ms, int64_t to_ms);
#endif
